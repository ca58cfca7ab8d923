//! Rules on compute profiles.

macro_rules! compute {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    ResourcesMissing("resources-missing") Error {
        summary: "a compute profile has no resources",
    }
    CpuMissing("cpu-missing") Error {
        summary: "a compute profile asks for no cpu",
    }
    CpuUnits("cpu-units") Error {
        summary: "the number of cores can't be read",
    }
    CpuForm("cpu-form") Warning {
        summary: "Console does not take the number of cores as it is written",
    }
    CpuRange("cpu-range") Error {
        summary: "the number of cores is out of range",
    }
    CpuAttribute("cpu-attribute") Error {
        summary: "an attribute of the cpu is not known, or stands twice",
    }
    MemoryMissing("memory-missing") Error {
        summary: "a compute profile asks for no memory",
    }
    MemoryRange("memory-range") Error {
        summary: "the size of memory is out of range",
    }
    GpuKey("gpu-key") Error {
        summary: "a key of `gpu` is not known",
    }
    GpuUnits("gpu-units") Error {
        summary: "the number of GPUs can't be read",
    }
    GpuRange("gpu-range") Error {
        summary: "the number of GPUs is out of range",
    }
    GpuAttributes("gpu-attributes") Error {
        summary: "GPUs are asked for without attributes",
    }
    GpuWithoutUnits("gpu-without-units") Error {
        summary: "attributes of GPUs stand where no GPU is asked for",
    }
    GpuAttribute("gpu-attribute") Error {
        summary: "an attribute of GPUs is not known",
    }
    GpuVendor("gpu-vendor") Warning {
        summary: "Console knows no such vendor of GPUs",
    }
    GpuVendorMissing("gpu-vendor-missing") Error {
        summary: "the attributes of GPUs name no vendor",
    }
    GpuModel("gpu-model") Error {
        summary: "a GPU model's name can't be one",
    }
    GpuDuplicate("gpu-duplicate") Error {
        summary: "a GPU model stands twice",
    }
    GpuInterface("gpu-interface") Error {
        summary: "a GPU's interface is neither `pcie` nor `sxm`",
    }

    } };
}
