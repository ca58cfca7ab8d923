//! What an image consists of: the manifest that a provider takes, its configuration and its layers, each asked for.

use super::client::{HttpRequest, HttpResponse, ImageRun};
use super::lookup::{Lookup, Session};
use super::manifest::{Child, Configuration, Defect, Descriptor, Manifest};
use super::platform::Platform;
use super::verdict::{ImagePart, Party, Verdict, Warning};

/// The largest accepted configuration of an image, in bytes.
pub(super) const CONFIGURATION_LIMIT: usize = 4 * 1024 * 1024;

/// How deep indexes may lie in indexes.
const DEPTH: usize = 4;

/// The verdict, and the platforms that are known nevertheless.
type Unusable = (Verdict, Vec<Platform>);

/// The verdict on a manifest that was served as `kind`.
pub(super) fn unusable(defect: &Defect, kind: &str) -> Verdict {
    match defect {
        Defect::Invalid => Verdict::NotARegistry(Party::Registry, "it sent an invalid manifest".to_owned()),
        Defect::Schema1 => Verdict::Schema1,
        Defect::WrongType => {
            let shown = kind.chars().filter(|c| c.is_ascii_alphanumeric() || "/.+-".contains(*c)).take(100);
            Verdict::WrongType(shown.collect())
        }
    }
}

impl Lookup<'_> {
    /// The platforms of an image, whose parts are all there.
    ///
    /// # Errors
    /// With the verdict on the part that is not, or is for another platform.
    pub(super) fn contents(&self, top: Manifest, session: &Session, run: &mut ImageRun) -> Result<Vec<Platform>, Unusable> {
        let (mut manifest, mut platforms, mut chosen) = (top, Vec::new(), None);
        for depth in 0.. {
            let children = match manifest {
                Manifest::Artifact => return Err((Verdict::NotAnImage, Vec::new())),
                Manifest::Image { configuration, layers } => {
                    let found = self.image(&configuration, &layers, chosen.as_ref(), session, run);
                    let found = found.map_err(|verdict| {
                        let own = match &verdict {
                            Verdict::WrongPlatform(platform) => vec![platform.clone()],
                            Verdict::NoAmd64(platforms) => platforms.clone(),
                            _ => Vec::new(),
                        };
                        (verdict, if platforms.is_empty() { own } else { platforms.clone() })
                    })?;
                    return Ok(if platforms.is_empty() { found.into_iter().collect() } else { platforms });
                }
                Manifest::Index(children) => children,
            };
            let mut known: Vec<Platform> = children.iter().filter_map(|child| child.platform.clone()).collect();
            known.retain(|platform| !platform.is_unknown());
            known.sort();
            known.dedup();
            platforms.extend(known.into_iter().filter(|_| depth == 0));
            let child = Child::choose(&children).filter(|_| depth < DEPTH);
            let child = child.ok_or_else(|| (Verdict::NoAmd64(platforms.clone()), platforms.clone()))?;
            manifest = self.child(child, session, run).map_err(|verdict| (verdict, platforms.clone()))?;
            chosen = Some(child.clone());
        }
        // Not reached: the depth ends the loop.
        Err((Verdict::NoAmd64(platforms.clone()), platforms))
    }

    /// The manifest that an entry of an index refers to.
    fn child(&self, child: &Child, session: &Session, run: &mut ImageRun) -> Result<Manifest, Verdict> {
        let Descriptor { digest, media_type, .. } = &child.descriptor;
        let answer = self.get("manifests", digest, session, run)?;
        match answer.status {
            200 if child.descriptor.fits(&answer.body) => {}
            200 => return Err(Verdict::WrongDigest),
            404 | 410 => {
                run.said = super::said::Sentence::of(&answer);
                return Err(Verdict::ChildGone { digest: shown(digest) });
            }
            _ => return Err(self.refused(&answer, session, run)),
        }
        // containerd believes the index, whatever this is served as.
        Manifest::parse(&answer.body, media_type).map_err(|defect| unusable(&defect, media_type))
    }

    /// The platform of an image in its configuration, which may lie on another host. That host gets no credentials.
    fn image(
        &self,
        configuration: &Descriptor,
        layers: &[Descriptor],
        chosen: Option<&Child>,
        session: &Session,
        run: &mut ImageRun,
    ) -> Result<Option<Platform>, Verdict> {
        let answer = self.get("blobs", &configuration.digest, session, run)?;
        match answer.status {
            200 if configuration.fits(&answer.body) => {}
            200 => return Err(Verdict::WrongDigest),
            404 | 410 => {
                run.said = super::said::Sentence::of(&answer);
                return Err(Verdict::BlobGone(ImagePart::Configuration, shown(&configuration.digest)));
            }
            _ => return Err(self.refused(&answer, session, run)),
        }
        let damaged = || Verdict::Broken("its configuration is not valid JSON".to_owned());
        let read = Configuration::parse(&answer.body).ok_or_else(damaged)?;
        if read.layers != layers.len() {
            let what = format!("its configuration has {} layers, its manifest {}", read.layers, layers.len());
            return Err(Verdict::Broken(what));
        }
        match (&read.platform, chosen.map(|child| &child.platform)) {
            (Some(platform), _) if platform.is_amd64() => {}
            // The configuration decides on an entry without a platform.
            (platform, Some(None)) => return Err(Verdict::NoAmd64(platform.iter().cloned().collect())),
            (Some(platform), _) => return Err(Verdict::WrongPlatform(platform.clone())),
            (None, None) => run.warn(Warning::PlatformUnknown),
            (None, Some(Some(_))) => {}
        }
        if self.layers {
            self.all_there(layers, session, run)?;
        }
        Ok(read.platform)
    }

    /// Asks for each layer. Redirects are not followed: whoever sends one has it.
    fn all_there(&self, layers: &[Descriptor], session: &Session, run: &mut ImageRun) -> Result<(), Verdict> {
        let here = layers.iter().filter(|layer| layer.is_here());
        let mut parts: Vec<(&str, Option<u64>)> = here.map(|layer| (layer.digest.as_str(), layer.size)).collect();
        parts.sort_unstable();
        parts.dedup();
        for (digest, size) in parts {
            let path = format!("/v2/{}/blobs/{digest}", self.reference.path);
            let request = HttpRequest { follow: false, ..self.request(&path, true, session) };
            let answer = self.client.send(&request, run)?;
            match answer.status {
                200 if length(&answer).is_some_and(|length| size.is_some_and(|size| size != length)) => {
                    return Err(Verdict::Broken(format!("the layer {} has another size than the manifest says", shown(digest))));
                }
                // Where HEAD is not supported, nothing can be said.
                200..=399 | 405 | 501 => {}
                404 | 410 => return Err(Verdict::BlobGone(ImagePart::Layer, shown(digest))),
                _ => return Err(self.refused(&answer, session, run)),
            }
        }
        Ok(())
    }
}

/// The length of a content that was only asked for.
fn length(answer: &HttpResponse) -> Option<u64> {
    answer.header("content-length")?.trim().parse().ok()
}

/// A digest for messages, which may be whatever the registry made of it.
fn shown(digest: &str) -> String {
    digest.chars().filter(|c| c.is_ascii_alphanumeric() || *c == ':').take(135).collect()
}
