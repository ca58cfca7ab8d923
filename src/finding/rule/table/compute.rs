//! Rules on compute profiles.

macro_rules! compute {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    ResourcesMissing("resources-missing") Error {
        summary: "a compute profile has no resources",
        why: "Akash's parser does not expect this: it crashes instead of giving an error.",
        refused_by: "Akash's parser, with a crash: `invalid memory address or nil pointer dereference`; Console.",
        source: "chain-sdk go/sdl/v2.go:461",
        place: ExamplePlace::Lines("profiles.compute"),
        bad: "web: {}",
        good: r"
            web:
              resources: {cpu: {units: 1}, memory: {size: 512Mi}, storage: {size: 1Gi}}
        ",
    }

    CpuMissing("cpu-missing") Error {
        summary: "a compute profile has no `cpu`",
        why: "Every profile says how many cores a replica gets.",
        refused_by: "Akash's parser: `error: invalid unit CPU, cannot be nil`; Console.",
        source: "chain-sdk go/node/deployment/v1beta4/resourceunit.go:98",
        place: ExamplePlace::Lines("profiles.compute.web"),
        bad: "resources: {memory: {size: 512Mi}, storage: {size: 1Gi}}",
        good: "resources: {cpu: {units: 1}, memory: {size: 512Mi}, storage: {size: 1Gi}}",
    }

    CpuUnits("cpu-units") Error {
        summary: "the number of cores can't be read",
        why: "Cores are a number such as `0.5`, or whole thousandths of a core such as `500m`. There is no other unit.",
        refused_by: "Akash's parser: `strconv.ParseFloat: parsing \"1c\": invalid syntax`.",
        source: "chain-sdk go/sdl/units.go:46-72",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "cpu: {units: 1.5m}",
        good: "cpu: {units: 1.5}",
    }

    CpuForm("cpu-form") Warning {
        summary: "the number of cores is in a form that Console refuses",
        why: "Akash's parser reads every number that Go reads. Console wants digits, with a fraction or a unit.",
        refused_by: "Akash's Console.",
        source: "chain-sdk go/sdl/sdl-input.schema.yaml:228",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "cpu: {units: \"+1\"}",
        good: "cpu: {units: 1}",
    }

    CpuRange("cpu-range") Error {
        summary: "the number of cores is missing or out of range",
        why: "A replica may have from 0.01 to 384 cores.",
        refused_by: "Akash's parser: `error: invalid unit CPU (384000 > 385000 > 384000 fails)`.",
        source: "chain-sdk go/node/deployment/v1beta4/resourceunit.go:102",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "cpu: {units: 500}",
        good: "cpu: {units: 500m}",
    }

    CpuAttribute("cpu-attribute") Error {
        summary: "an attribute of `cpu` is not known, or is there twice",
        why: "The only attribute is `arch`. Akash reads these keys itself, so merge keys don't work here.",
        refused_by: "Akash's parser: `unsupported cpu attribute \"cores\"`.",
        source: "chain-sdk go/sdl/cpu.go:30",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "cpu: {units: 1, attributes: {cores: 2}}",
        good: "cpu: {units: 1, attributes: {arch: amd64}}",
    }

    MemoryMissing("memory-missing") Error {
        summary: "a compute profile has no `memory`",
        why: "Every profile says how much memory a replica gets.",
        refused_by: "Akash's parser: `error: invalid unit memory, cannot be nil`; Console.",
        source: "chain-sdk go/node/deployment/v1beta4/resourceunit.go",
        place: ExamplePlace::Lines("profiles.compute.web"),
        bad: "resources: {cpu: {units: 1}, storage: {size: 1Gi}}",
        good: "resources: {cpu: {units: 1}, memory: {size: 512Mi}, storage: {size: 1Gi}}",
    }

    MemoryRange("memory-range") Error {
        summary: "the size of memory is missing or out of range",
        why: "A replica may have from 1Mi to 2Ti. A number without a unit is in bytes, so `512` is almost nothing.",
        refused_by: "Akash's parser: `error: invalid unit memory (2199023255552 > 512 > 2199023255552 fails)`.",
        source: "chain-sdk go/node/deployment/v1beta4/resourceunit.go",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "memory: {size: 512}",
        good: "memory: {size: 512Mi}",
    }

    GpuKey("gpu-key") Error {
        summary: "a key of `gpu` is not known",
        why: "`gpu` has `units` and `attributes`. Unlike elsewhere, Akash refuses any other key.",
        refused_by: "Akash's parser: `sdl: unsupported field (model) for GPU resource`; Console.",
        source: "chain-sdk go/sdl/gpu.go",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "gpu: {units: 1, model: a100, attributes: {vendor: {nvidia: }}}",
        good: "gpu: {units: 1, attributes: {vendor: {nvidia: [{model: a100}]}}}",
    }

    GpuUnits("gpu-units") Error {
        summary: "the number of GPUs can't be read",
        why: "GPUs are whole: `1`, not `1.0` or `0.5`.",
        refused_by: "Akash's parser: `strconv.ParseUint: parsing \"1.0\": invalid syntax`.",
        source: "chain-sdk go/sdl/gpu.go",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "gpu: {units: 0.5, attributes: {vendor: {nvidia: }}}",
        good: "gpu: {units: 1, attributes: {vendor: {nvidia: }}}",
    }

    GpuRange("gpu-range") Error {
        summary: "the number of GPUs is out of range",
        why: "A replica may have at most 24 GPUs.",
        refused_by: "Akash's parser: `error: invalid unit GPU (24 > 25 > 24 fails)`.",
        source: "chain-sdk go/node/deployment/v1beta4/resourceunit.go",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "gpu: {units: 25, attributes: {vendor: {nvidia: }}}",
        good: "gpu: {units: 8, attributes: {vendor: {nvidia: }}}",
    }

    GpuAttributes("gpu-attributes") Error {
        summary: "GPUs are requested without attributes",
        why: "Providers need to know at least the vendor to find a GPU.",
        refused_by: "Akash's parser: `sdl: GPU attributes must be present if units > 0`; Console.",
        source: "chain-sdk go/sdl/gpu.go",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "gpu: {units: 1}",
        good: "gpu: {units: 1, attributes: {vendor: {nvidia: }}}",
    }

    GpuWithoutUnits("gpu-without-units") Error {
        summary: "there are GPU attributes, but no GPU is requested",
        why: "Without `units`, Akash takes 0, and attributes of no GPU for a mistake.",
        refused_by: "Akash's parser: `error: invalid GPU state. attributes cannot be present if units == 0`; Console.",
        source: "chain-sdk go/node/deployment/v1beta4/resourceunit.go",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "gpu: {attributes: {vendor: {nvidia: }}}",
        good: "gpu: {units: 1, attributes: {vendor: {nvidia: }}}",
    }

    GpuAttribute("gpu-attribute") Error {
        summary: "an attribute of a GPU is not known",
        why: "The only attribute is `vendor`; model, memory and interface are below it.",
        refused_by: "Akash's parser: `sdl: unsupported attribute (model) for GPU resource`; Console.",
        source: "chain-sdk go/sdl/gpu.go",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "gpu: {units: 1, attributes: {vendor: {nvidia: }, model: a100}}",
        good: "gpu: {units: 1, attributes: {vendor: {nvidia: [{model: a100}]}}}",
    }

    GpuVendor("gpu-vendor") Warning {
        summary: "a vendor of GPUs is not known",
        why: "Akash supports `nvidia`. It ignores any other vendor without a word and asks for any nvidia model instead.",
        refused_by: "Akash's Console.",
        source: "chain-sdk go/sdl/gpu.go",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "gpu: {units: 1, attributes: {vendor: {amd: }}}",
        good: "gpu: {units: 1, attributes: {vendor: {nvidia: }}}",
    }

    GpuVendorMissing("gpu-vendor-missing") Error {
        summary: "the GPU attributes name no vendor",
        why: "Providers need to know at least the vendor to find a GPU.",
        refused_by: "Akash's parser: `sdl: invalid GPU attributes. at least one vendor must be set`; Console.",
        source: "chain-sdk go/sdl/gpu.go",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "gpu: {units: 1, attributes: {}}",
        good: "gpu: {units: 1, attributes: {vendor: {nvidia: }}}",
    }

    GpuModel("gpu-model") Error {
        summary: "the name of a GPU model has characters that Akash refuses",
        why: "The model becomes part of an attribute's key: letters, digits, `_`, `-`, `.` and `/`, with a `*` only at the end.",
        refused_by: "Akash's parser: `sdl: invalid GPU attributes: attribute key does not match regexp`.",
        source: "chain-sdk go/node/types/attributes/v1/attribute.go:16",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "gpu: {units: 1, attributes: {vendor: {nvidia: [{model: rtx 4090}]}}}",
        good: "gpu: {units: 1, attributes: {vendor: {nvidia: [{model: rtx4090}]}}}",
    }

    GpuDuplicate("gpu-duplicate") Error {
        summary: "a GPU model is in the list twice",
        why: "Each entry with its memory and interface is one alternative. The same alternative can't be given twice.",
        refused_by: "Akash's parser: `sdl: invalid GPU attributes: attributes cannot have duplicate keys`.",
        source: "chain-sdk go/sdl/gpu.go",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "gpu: {units: 1, attributes: {vendor: {nvidia: [{model: a100}, {model: a100}]}}}",
        good: "gpu: {units: 1, attributes: {vendor: {nvidia: [{model: a100}, {model: h100}]}}}",
    }

    GpuInterface("gpu-interface") Error {
        summary: "the interface of a GPU is neither `pcie` nor `sxm`",
        why: "Akash compares the word as it is written, in lower case.",
        refused_by: "Akash's parser: `sdl: invalid GPU interface SXM. expected \"pcie|sxm\"`; Console.",
        source: "chain-sdk go/sdl/gpu.go",
        place: ExamplePlace::Lines("profiles.compute.web.resources"),
        bad: "gpu: {units: 1, attributes: {vendor: {nvidia: [{model: a100, interface: SXM}]}}}",
        good: "gpu: {units: 1, attributes: {vendor: {nvidia: [{model: a100, interface: sxm}]}}}",
    }
    } };
}
