//! What a registry has of an image: Debian's docker-registry, whose parts are deleted through its own API, and nginx in front of one.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Row;
use super::judge::Pull;
use crate::support::{Folder, require};
use crate::verify::authority::Authority;
use crate::verify::case::Case;
use crate::verify::images::{self, Made};
use crate::verify::registry::{Access, Registry, htpasswd};

const PASSWORD: &str = "hunter2-hunter2-hunter2";
const DISTRIBUTION: &str = "docker-registry 2.8";

/// An index of an arm64 image and an amd64 image that is not like any other, so that its parts can be deleted.
fn unique(name: &str) -> Made {
    images::index_of([(images::labelled("linux/amd64", name), Some(images::platform("linux/amd64")))])
}

/// Runs the rows; whether all could be.
pub fn rows(run: &mut dyn FnMut(Row)) -> bool {
    if !["docker-registry", "htpasswd"].map(require).into_iter().all(|there| there) {
        return false;
    }
    let (authority, folder) = (Authority::new(), Folder::new());
    let ca = folder.file("ca.pem", authority.pem()).display().to_string();
    let users = htpasswd(&[("reader", PASSWORD)]);
    let auth = "auth: {htpasswd: {realm: test, path: htpasswd}}\n";
    let registry = Registry::start(&authority, &folder.path().join("storage"), auth, &[("htpasswd", &users)]);
    let login = format!("Basic {}", STANDARD.encode(format!("reader:{PASSWORD}")));
    let access = Access::new(format!("https://{}", registry.host()), Some(&authority), &login);
    let host = registry.host();
    let case = |image: &str, password: &str| {
        Case::new(format!("{host}/{image}")).login(host.clone(), "reader", password).set("SSL_CERT_FILE", ca.clone())
    };
    let amd64 = images::platform("linux/amd64");

    let whole = images::index(&["linux/amd64", "linux/arm64", "unknown/unknown"]);
    access.push("team/app", "1", &whole);
    run(Row::new(DISTRIBUTION, "index with linux/amd64", case("team/app:1", PASSWORD), "ready").login("ok"));
    run(Row::new(DISTRIBUTION, "wrong password", case("team/app:1", "wrong-wrong-wrong"), "wrong-credentials").login("refused"));
    let anonymous = Case::new(format!("{host}/team/app:1")).set("SSL_CERT_FILE", ca.clone());
    run(Row::new(DISTRIBUTION, "no login", anonymous, "login-needed").login("anonymous"));
    let unsaid = ["image not found", "manifest unknown"];
    run(Row::new(DISTRIBUTION, "missing tag", case("team/app:2", PASSWORD), "no-image").says(&unsaid));
    run(Row::new(DISTRIBUTION, "missing repository", case("team/nothing:1", PASSWORD), "no-image").says(&unsaid));

    let (all, pulled): (fn(Row) -> Row, fn(Row) -> Row) = (|row| row, |row| row.of_contents().pulled(Pull::Done));
    let mut push = |tag: &str,
                    made: &Made,
                    situation: &'static str,
                    verdict: &'static str,
                    parts: &[&'static str],
                    judged: fn(Row) -> Row| {
        access.push("team/app", tag, made);
        let row = Row::new(DISTRIBUTION, situation, case(&format!("team/app:{tag}"), PASSWORD), verdict).says(parts);
        run(judged(row));
    };
    push("single", &images::single("linux/amd64"), "image for linux/amd64", "ready", &[], all);
    let told_apart = ["can pull it but not start it", "linux/arm64"];
    push("arm", &images::single("linux/arm64"), "image for linux/arm64, without an index", "no-amd64", &told_apart, pulled);
    push(
        "arms",
        &images::index(&["linux/arm64", "windows/amd64"]),
        "index without linux/amd64",
        "no-amd64",
        &["linux/arm64, windows/amd64"],
        all,
    );
    push(
        "386",
        &images::index(&["linux/386"]),
        "index with only linux/386 (`ctr` asks for amd64 exactly, kubelet does not)",
        "ready",
        &[],
        Row::unasked,
    );
    push("x86", &images::index(&["linux/arm64", "linux/x86_64"]), "index that writes `x86_64`", "ready", &[], Row::of_contents);
    push("upper", &images::index(&["linux/AMD64"]), "index that writes `AMD64`", "ready", &[], Row::of_contents);
    push("v1", &images::index(&["linux/amd64/v1"]), "index with only linux/amd64/v1", "ready", &[], Row::of_contents);
    push(
        "v3",
        &images::index(&["linux/amd64/v3"]),
        "index with only linux/amd64/v3",
        "no-amd64",
        &["linux/amd64/v3"],
        Row::of_contents,
    );
    push("none", &images::index(&[]), "empty index", "no-amd64", &["available: none"], all);
    let bare = |platform: &str| images::index_of([(images::single(platform), None)]);
    push("bare", &bare("linux/amd64"), "index without platforms, of an image for linux/amd64", "ready", &[], all);
    push(
        "bare-arm",
        &bare("linux/arm64"),
        "index without platforms, of an image for linux/arm64",
        "no-amd64",
        &["linux/arm64"],
        Row::of_contents,
    );
    push("chart", &images::chart(), "Helm chart", "not-an-image", &[], Row::of_contents);
    push("charts", &images::index_of([(images::chart(), None)]), "index of artifacts", "not-an-image", &[], Row::of_contents);
    let marked = images::index_of([(images::chart(), Some(amd64.clone()))]);
    push("marked", &marked, "Helm chart marked as linux/amd64 in an index", "not-an-image", &[], Row::of_contents);
    let lies = images::index_of([(images::single("linux/arm64"), Some(amd64.clone()))]);
    push("lies", &lies, "index that says linux/amd64 of an image for linux/arm64", "no-amd64", &told_apart, pulled);
    let nested = images::index_of([(whole, None)]);
    push("nested", &nested, "index in an index", "ready", &[], Row::of_contents);
    push("odd", &images::unequal(), "configuration with fewer layers than the manifest", "broken-image", &[], Row::of_contents);
    push("unsaid", &images::single("/"), "image that does not say its platform", "ready", &[], |row| {
        row.warns(&["platform-unknown"])
    });
    push("layerless", &images::layerless(), "image without a layer", "ready", &[], all);
    push("docker", &images::docker(&["linux/amd64", "linux/arm64"]), "Docker's own media types", "ready", &[], all);
    push("signature", &images::signature(), "signature of cosign", "not-an-image", &[], Row::of_contents);
    push("artifact", &images::artifact(), "artifact with an empty configuration", "not-an-image", &[], Row::of_contents);
    let twice = images::index(&["linux/amd64", "linux/amd64"]);
    push("twice", &twice, "index with linux/amd64 twice", "ready", &[], all);
    push("size", &images::missized(), "index with another size than its manifest's", "wrong-digest", &[], Row::of_contents);

    // Clean-up jobs.
    let gone = unique("child");
    access.push("team/gone", "child", &gone);
    access.delete("team/gone", &format!("manifests/{}", gone.manifests[0].digest));
    let parts = ["image not found for linux/amd64", "points at a deleted manifest"];
    run(Row::new(
        DISTRIBUTION,
        "index whose manifest for linux/amd64 was deleted",
        case("team/gone:child", PASSWORD),
        "no-image",
    )
    .says(&parts));
    for (tag, blob, situation, part) in [
        ("configuration", 1, "configuration deleted", "the configuration of"),
        ("layer", 0, "layer deleted, with --layers", "a layer of"),
    ] {
        let made = unique(tag);
        let repository = format!("team/{tag}");
        access.push(&repository, "1", &made);
        access.delete(&repository, &format!("blobs/{}", made.blobs[blob].digest));
        let case = case(&format!("{repository}:1"), PASSWORD).argument(&["--layers"]);
        run(Row::new(DISTRIBUTION, situation, case, "missing-blob").says(&[part]));
    }
    let all = case("team/app:1", PASSWORD).argument(&["--layers"]);
    run(Row::new(DISTRIBUTION, "all layers there, with --layers", all, "ready"));
    true
}
