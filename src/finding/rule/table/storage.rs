//! Rules on volumes, mounts, and trusted execution.

macro_rules! storage {
    ([$next:ident $($rest:ident)*] $($before:tt)*) => { $next! { [$($rest)*] $($before)*

    StorageMissing("storage-missing") Error {
        summary: "a compute profile asks for no storage",
    }
    StorageRange("storage-range") Error {
        summary: "a volume's size is out of range",
    }
    StorageAttribute("storage-attribute") Error {
        summary: "an attribute of storage is not known",
    }
    StoragePersistent("storage-persistent") Error {
        summary: "`persistent` is neither `true` nor `false`",
    }
    StorageClass("storage-class") Error {
        summary: "a class of storage is not known",
    }
    StorageClassEphemeral("storage-class-ephemeral") Error {
        summary: "storage that is not persistent takes no class",
    }
    StorageRam("storage-ram") Error {
        summary: "storage of class `ram` can't be persistent",
    }
    VolumeDuplicate("volume-duplicate") Error {
        summary: "two volumes have one name",
    }
    VolumeUnknown("volume-unknown") Error {
        summary: "a mount names no volume of the profile",
    }
    VolumeUnnamed("volume-unnamed") Warning {
        summary: "Console does not know the volume without a name",
    }
    MountNotAbsolute("mount-not-absolute") Error {
        summary: "a mount's path does not begin with `/`",
    }
    MountDuplicate("mount-duplicate") Error {
        summary: "two volumes are mounted at one path",
    }
    MountRamReadOnly("mount-ram-read-only") Error {
        summary: "version 2.1 refuses `readOnly` for storage of class `ram`",
    }
    PersistentNotMounted("persistent-not-mounted") Error or Warning {
        summary: "a persistent volume is mounted nowhere; a warning for some",
    }
    Tee("tee") Error {
        summary: "a trusted execution is not known",
    }
    TeeEmpty("tee-empty") Warning {
        summary: "Console refuses an empty `tee`",
    }
    TeeMixed("tee-mixed") Error {
        summary: "two kinds of trusted execution stand in one placement",
    }
    TeeWithoutGpu("tee-without-gpu") Error {
        summary: "`cpu-gpu` stands where no GPU is asked for",
    }

    } };
}
