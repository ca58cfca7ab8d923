//! Looks up one image: logs in as the provider's kubelet does, and finds out why it can't be pulled if it can't.

use super::challenge::Challenge;
use super::client::{Authorization, Client, HttpRequest, HttpResponse, ImageRun};
use super::login::{Door, ReachedRegistry, challenge};
use super::manifest::{ACCEPT, MANIFEST_LIMIT, Manifest, bare, digest_of, has_digest, is_digest};
use super::said::Sentence;
use super::verdict::{LoginState, Party, Verdict, Warning};
use super::{Image, Login, refusal};
use crate::registry::reference::Reference;

/// The default tag.
const LATEST: &str = "latest";

/// One image to look up.
#[derive(Debug)]
pub(super) struct Lookup<'l> {
    pub(super) client: &'l Client,
    pub(super) registry: &'l ReachedRegistry,
    pub(super) reference: &'l Reference<'l>,
    /// The credentials that kubelet would use.
    pub(super) login: Option<&'l Login>,
    /// Whether every layer is asked for, too.
    pub(super) layers: bool,
}

/// How the requests for an image are authorised.
#[derive(Debug, Default)]
pub(super) struct Session {
    /// The login that the registry asked for.
    pub(super) asked: Option<Challenge>,
    pub(super) authorization: Option<Authorization>,
}

/// Why an image can't be used, and the image if it exists nevertheless.
pub(super) type NotReady = (Verdict, Option<Image>);

impl Lookup<'_> {
    /// Looks up the image: the headers of its manifest, the manifest, of an index the one that a provider takes, and its configuration.
    ///
    /// # Errors
    /// With the verdict on why a provider can't use it.
    pub(super) fn run(&self, session: &mut Session, run: &mut ImageRun) -> Result<Image, NotReady> {
        let wanted = self.reference.digest.or(self.reference.tag).unwrap_or(LATEST);
        let head = self.resolve(wanted, session, run).map_err(|verdict| (verdict, None))?;
        if let Some(host) = &head.left {
            run.warn(Warning::Redirected(host.clone()));
        }
        // From here on by digest, since the tag may move.
        let told = head.header("docker-content-digest").filter(|digest| is_digest(digest)).map(str::to_owned);
        if self.reference.digest.is_some() && told.is_some() && told.as_deref() != self.reference.digest {
            return Err((Verdict::WrongDigest, None));
        }
        let by = self.reference.digest.map(str::to_owned).or_else(|| told.clone());
        let answer = self
            .get("manifests", by.as_deref().unwrap_or(wanted), session, run)
            .and_then(|answer| if answer.status == 200 { Ok(answer) } else { Err(self.refused(&answer, session, run)) })
            .map_err(|verdict| (verdict, None))?;
        let digest = by.unwrap_or_else(|| digest_of(&answer.body));
        if !has_digest(&answer.body, &digest) {
            return Err((Verdict::WrongDigest, None));
        }
        // containerd believes the headers, if they say everything.
        let told = if told.is_some() && head.header("content-length").is_some() { &head } else { &answer };
        let kind = bare(told.header("content-type").unwrap_or_default());
        let image = |platforms| Image { digest: digest.clone(), platforms };
        let manifest = Manifest::parse(&answer.body, kind).map_err(|defect| {
            let verdict = super::content::unusable(&defect, kind);
            let exists = verdict.found() == Some(true);
            (verdict, exists.then(|| image(Vec::new())))
        })?;
        match self.contents(manifest, session, run) {
            Ok(platforms) => Ok(image(platforms)),
            Err((verdict, platforms)) => {
                let exists = verdict.found() == Some(true);
                Err((verdict, exists.then(|| image(platforms))))
            }
        }
    }

    /// Whether it can be pulled without a login. Asks once, and returns false if in doubt.
    pub(super) fn is_public(&self, run: &mut ImageRun) -> bool {
        let wanted = self.reference.digest.or(self.reference.tag).unwrap_or(LATEST);
        self.resolve(wanted, &mut Session::default(), run).is_ok_and(|answer| answer.left.is_none())
    }

    /// Logs in and requests the headers of the manifest.
    fn resolve(&self, wanted: &str, session: &mut Session, run: &mut ImageRun) -> Result<HttpResponse, Verdict> {
        let (path, door) = (&*self.reference.path, self.door());
        session.asked = self.registry.challenge.clone();
        session.authorization = door.authorize(session.asked.as_ref(), path, run)?;
        let mut head = self.send("manifests", wanted, true, session, run)?;
        let second = if head.status == 401 && head.left.is_none() { challenge(&head) } else { None };
        // What the image asks for counts; the door may have asked for nothing, or for something else.
        let second = second.map(|second| second.at(path));
        if let Some(second) = second.filter(|second| !session.asked.as_ref().is_some_and(|asked| asked.is_met_like(second))) {
            session.authorization = door.authorize(Some(&second), path, run)?;
            session.asked = Some(second);
            if session.authorization.is_some() {
                head = self.send("manifests", wanted, true, session, run)?;
            }
        }
        if matches!(head.status, 405 | 501) {
            // It does not support HEAD: use GET.
            head = self.get("manifests", wanted, session, run)?;
        }
        if head.status == 200 {
            run.login = Some(match (self.login, &session.authorization) {
                (None, _) => LoginState::Anonymous,
                (Some(_), None) => LoginState::NotAsked,
                (Some(_), Some(_)) => LoginState::Accepted,
            });
            return Ok(head);
        }
        // The reason is in the body, which an answer to HEAD lacks.
        let answer = self.send_once(wanted, session, run);
        Err(self.refused(answer.as_ref().filter(|answer| answer.status == head.status).unwrap_or(&head), session, run))
    }

    fn door(&self) -> Door<'_> {
        Door { client: self.client, registry: self.registry, login: self.login }
    }

    /// Why the registry does not return what was asked for.
    pub(super) fn refused(&self, answer: &HttpResponse, session: &Session, run: &mut ImageRun) -> Verdict {
        run.said = Sentence::of(answer);
        let party = answer.left.clone().map_or(Party::Registry, Party::Other);
        if let Some(verdict) = refusal::told(answer, &run.said, &party) {
            return verdict;
        }
        match (refusal::status(answer, &run.said), &session.asked, self.login) {
            (401, ..) if answer.left.is_some() => Verdict::ForeignRedirect(answer.left.clone().unwrap_or_default()),
            (403, ..) if answer.left.is_some() && challenge(answer).is_none() => Verdict::Forbidden(party),
            (403, ..) if answer.left.is_some() => Verdict::ForeignRedirect(answer.left.clone().unwrap_or_default()),
            // A firewall: nobody asked for a login.
            (403, None, _) => Verdict::Forbidden(party),
            (401 | 403, _, None) => Verdict::LoginNeeded,
            (401, None, Some(_)) => {
                Verdict::NotARegistry(party, "it requires a login, but none that containerd supports".to_owned())
            }
            (401 | 403, Some(asked), Some(login)) => match self.login_refused(answer, asked, login, session, run) {
                Ok(verdict) | Err(verdict) => verdict,
            },
            (404 | 410, ..) if !self.registry.has_door && !refusal::is_of_a_registry(answer) => {
                Verdict::NotARegistry(party, "there is nothing at /v2/".to_owned())
            }
            (404 | 410, ..) => {
                run.login = run.login.or(if self.login.is_none() { Some(LoginState::Anonymous) } else { self.settled(session) });
                refusal::missing(answer, &run.said, self.reference.domain)
            }
            (status, ..) => Verdict::NotARegistry(party, format!("HTTP {status} instead of a manifest")),
        }
    }

    /// What became of a login after an answer that is neither 401 nor 403.
    fn settled(&self, session: &Session) -> Option<LoginState> {
        Some(if session.authorization.is_some() { LoginState::Accepted } else { LoginState::NotAsked })
    }

    /// The verdict on a login that was sent and did not help: whether it is wrong, or may not read this.
    fn login_refused(
        &self,
        answer: &HttpResponse,
        asked: &Challenge,
        login: &Login,
        session: &Session,
        run: &mut ImageRun,
    ) -> Result<Verdict, Verdict> {
        if refusal::says_expired(&run.said) {
            return Ok(Verdict::ExpiredToken(login.end()));
        }
        let denied = Verdict::NoAccess(refusal::denial(&run.said));
        if let Challenge::Bearer { .. } = asked {
            // Its token server took the login.
            let invalid = challenge(answer).is_some_and(|challenge| challenge.error() == Some("invalid_token"));
            if invalid && self.door().knock(session.authorization.as_ref(), run)?.status == 401 {
                return Ok(Verdict::InvalidToken);
            }
            return Ok(denied);
        }
        let refused = answer.status != 401 && refusal::refuses_login(&run.said);
        let taken = !refused
            && match self.door().opens(asked, run)? {
                Some(opens) => opens,
                // The door is open for everyone. Whoever is asked to log in again has not logged in, unless it names what is missing.
                None => answer.status == 403 || refusal::takes_login(answer, &run.said),
            };
        if !taken {
            return Ok(login.refused());
        }
        run.login = Some(LoginState::Accepted);
        Ok(denied)
    }

    /// Whether the door opens for the login, where the image told nothing of it.
    pub(super) fn is_taken(&self, session: &Session, run: &mut ImageRun) -> Option<bool> {
        self.door().opens(session.asked.as_ref()?, run).ok().flatten()
    }

    /// Requests a content.
    pub(super) fn get(&self, what: &str, name: &str, session: &Session, run: &mut ImageRun) -> Result<HttpResponse, Verdict> {
        self.send(what, name, false, session, run)
    }

    fn send(&self, what: &str, name: &str, head: bool, session: &Session, run: &mut ImageRun) -> Result<HttpResponse, Verdict> {
        self.client.send(&self.request(&format!("/v2/{}/{what}/{name}", self.reference.path), head, session), run)
    }

    /// Requests the manifest once more, for what the registry says. Nothing is repeated.
    fn send_once(&self, name: &str, session: &Session, run: &mut ImageRun) -> Option<HttpResponse> {
        let path = format!("/v2/{}/manifests/{name}", self.reference.path);
        self.client.send(&HttpRequest { patient: false, ..self.request(&path, false, session) }, run).ok()
    }

    /// The request for a manifest or a blob.
    pub(super) fn request<'r>(&'r self, path: &'r str, head: bool, session: &'r Session) -> HttpRequest<'r> {
        let manifest = path.contains("/manifests/");
        HttpRequest {
            registry: &self.registry.origin,
            origin: &self.registry.origin,
            party: Party::Registry,
            head,
            path,
            accept: if manifest { ACCEPT } else { "*/*" },
            authorization: session.authorization.as_ref(),
            limit: if manifest { MANIFEST_LIMIT } else { super::content::CONFIGURATION_LIMIT },
            patient: true,
            follow: true,
        }
    }
}
