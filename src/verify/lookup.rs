//! Looks up one image: logs in as the provider's kubelet does, and checks that a provider can pull it.

use super::client::{Answer, Authorization, Client, Request, Run, reset};
use super::login::{Registry, accepts, authorize, challenge};
use super::manifest::{ACCEPT, MANIFEST_LIMIT, Manifest, digest_of, has_digest, is_digest, platform};
use super::verdict::{Party, Platform, Verdict, Warning};
use super::{Image, Login};
use crate::registry::reference::Reference;

/// The largest accepted configuration of an image, in bytes.
const CONFIGURATION_LIMIT: usize = 8 * 1024 * 1024;

/// The default tag.
const LATEST: &str = "latest";

/// One image to look up.
#[derive(Debug)]
pub(super) struct Lookup<'l> {
    pub(super) client: &'l Client,
    pub(super) registry: &'l Registry,
    pub(super) reference: &'l Reference<'l>,
    /// The credentials that kubelet would use.
    pub(super) login: Option<&'l Login>,
}

impl Lookup<'_> {
    /// Looks up the image: the headers of the manifest, the manifest, and for an image without an index its configuration.
    ///
    /// # Errors
    /// With the verdict on why a provider can't use it, and with the image if it exists nevertheless.
    pub(super) fn run(&self, run: &mut Run) -> Result<Image, (Verdict, Option<Image>)> {
        let wanted = self.reference.digest.or(self.reference.tag).unwrap_or(LATEST);
        let (head, authorization) = self.resolve(wanted, run).map_err(|verdict| (verdict, None))?;
        let authorization = authorization.as_ref();
        if let Some(host) = &head.left {
            run.warn(Warning::Redirected(host.clone()));
        }
        // From here on by digest, since the tag may move.
        let told = head.header("docker-content-digest").filter(|digest| is_digest(digest)).map(str::to_owned);
        if self.reference.digest.is_some() && told.is_some() && told.as_deref() != self.reference.digest {
            return Err((Verdict::WrongDigest, None));
        }
        let by = self.reference.digest.map(str::to_owned).or(told);
        let manifest = self
            .send("manifests", by.as_deref().unwrap_or(wanted), false, authorization, run)
            .and_then(|answer| if answer.status == 200 { Ok(answer) } else { Err(self.refused(&answer, None, run)) })
            .map_err(|verdict| (verdict, None))?;
        let digest = by.unwrap_or_else(|| digest_of(&manifest.body));
        if !has_digest(&manifest.body, &digest) {
            return Err((Verdict::WrongDigest, None));
        }
        let Some(parsed) = Manifest::parse(&manifest.body) else {
            return Err((Verdict::NotARegistry(Party::Registry, "it sent an invalid manifest".to_owned()), None));
        };
        let platforms = match parsed {
            Manifest::Artifact => return Err((Verdict::NotAnImage, Some(Image { digest, platforms: Vec::new() }))),
            Manifest::Index(platforms) => platforms,
            Manifest::Image(configuration) => {
                vec![self.platform(&configuration, authorization, run).map_err(|verdict| (verdict, None))?]
            }
        };
        judge(digest, platforms, run)
    }

    /// Whether it can be pulled without a login. Asks once, and returns false if in doubt.
    pub(super) fn is_public(&self, run: &mut Run) -> bool {
        let wanted = self.reference.digest.or(self.reference.tag).unwrap_or(LATEST);
        self.resolve(wanted, run).is_ok_and(|(answer, _)| answer.left.is_none())
    }

    /// Logs in and requests the headers of the manifest.
    fn resolve(&self, wanted: &str, run: &mut Run) -> Result<(Answer, Option<Authorization>), Verdict> {
        let path = &self.reference.path;
        let mut asked = self.registry.challenge.clone();
        let mut authorization = authorize(self.client, self.registry, asked.as_ref(), path, self.login, run)?;
        let mut head = self.send("manifests", wanted, true, authorization.as_ref(), run)?;
        if head.status == 401 && asked.is_none() && head.left.is_none() {
            // It required no login before, but does for this request.
            asked = challenge(&head);
            authorization = authorize(self.client, self.registry, asked.as_ref(), path, self.login, run)?;
            if authorization.is_some() {
                head = self.send("manifests", wanted, true, authorization.as_ref(), run)?;
            }
        }
        if matches!(head.status, 405 | 501) {
            // It does not support HEAD: use GET.
            head = self.send("manifests", wanted, false, authorization.as_ref(), run)?;
        }
        if head.status == 200 {
            return Ok((head, authorization));
        }
        // The reason is in the body, which an answer to HEAD lacks.
        let answer = match head.status {
            401 | 403 | 404 if self.login.is_some() || head.status == 404 => {
                self.send("manifests", wanted, false, authorization.as_ref(), run)?
            }
            _ => head,
        };
        Err(self.refused(&answer, asked.as_ref(), run))
    }

    /// Why the registry does not return the manifest.
    fn refused(&self, answer: &Answer, asked: Option<&super::challenge::Challenge>, run: &mut Run) -> Verdict {
        if let (Some(host), 401 | 403) = (&answer.left, answer.status) {
            return Verdict::ForeignRedirect(host.clone());
        }
        match (answer.status, self.login) {
            (401 | 403, None) => Verdict::LoginNeeded,
            (401 | 403, Some(login)) => {
                if says_expired(answer) {
                    return Verdict::ExpiredToken(login.end());
                }
                match asked {
                    Some(asked) => match accepts(self.client, self.registry, asked, login, run) {
                        Ok(true) => Verdict::NoAccess,
                        Ok(false) => login.refused(),
                        Err(verdict) => verdict,
                    },
                    None => Verdict::NoAccess,
                }
            }
            (404, _) => match codes(answer) {
                codes if codes.iter().any(|code| code == "NAME_UNKNOWN") => Verdict::NoRepository,
                codes if codes.iter().any(|code| code == "MANIFEST_UNKNOWN") => Verdict::NoTag,
                _ => Verdict::NoImage,
            },
            (429, _) => Verdict::RateLimited(reset(answer)),
            (status @ 500.., _) => Verdict::ServerFault(Party::Registry, status),
            (status, _) => Verdict::NotARegistry(Party::Registry, format!("HTTP {status} instead of a manifest")),
        }
    }

    /// The platform in the configuration of the image, which may be on another host. That host gets no credentials.
    fn platform(&self, digest: &str, authorization: Option<&Authorization>, run: &mut Run) -> Result<Option<Platform>, Verdict> {
        let answer = self.send("blobs", digest, false, authorization, run)?;
        match (answer.status, &answer.left) {
            (200, _) if has_digest(&answer.body, digest) => Ok(platform(&answer.body)),
            (200, _) => Err(Verdict::WrongDigest),
            (401 | 403, Some(host)) => Err(Verdict::ForeignRedirect(host.clone())),
            _ => Ok(None),
        }
    }

    fn send(
        &self,
        what: &str,
        name: &str,
        head: bool,
        authorization: Option<&Authorization>,
        run: &mut Run,
    ) -> Result<Answer, Verdict> {
        let path = format!("/v2/{}/{what}/{name}", self.reference.path);
        let manifest = what == "manifests";
        let request = Request {
            origin: &self.registry.origin,
            party: Party::Registry,
            head,
            path: &path,
            accept: if manifest { ACCEPT } else { "*/*" },
            authorization,
            limit: if manifest { MANIFEST_LIMIT } else { CONFIGURATION_LIMIT },
            patient: true,
        };
        self.client.send(&request, run)
    }
}

fn judge(digest: String, platforms: Vec<Option<Platform>>, run: &mut Run) -> Result<Image, (Verdict, Option<Image>)> {
    let unsaid = platforms.is_empty() || platforms.iter().any(Option::is_none);
    let mut known: Vec<Platform> = platforms.into_iter().flatten().filter(|platform| !platform.is_unknown()).collect();
    known.sort();
    known.dedup();
    let image = Image { digest, platforms: known };
    if image.platforms.iter().any(Platform::is_amd64) {
        return Ok(image);
    }
    if unsaid {
        run.warn(Warning::PlatformUnknown);
        return Ok(image);
    }
    Err((Verdict::NoAmd64(image.platforms.clone()), Some(image)))
}

/// The error codes in an answer (OCI distribution specification, "Error Codes").
fn codes(answer: &Answer) -> Vec<String> {
    let Ok(json) = serde_json::from_slice::<serde_json::Value>(&answer.body) else { return Vec::new() };
    let errors = json.get("errors").and_then(|errors| errors.as_array());
    errors.into_iter().flatten().filter_map(|error| error.get("code")?.as_str().map(str::to_owned)).collect()
}

/// Whether the server says that the token has expired, as ECR does. The text of the answer is never shown.
pub(super) fn says_expired(answer: &Answer) -> bool {
    memchr::memmem::find(&answer.body, b"token has expired").is_some()
}
