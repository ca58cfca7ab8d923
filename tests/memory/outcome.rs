//! The ways in which a run can end.

/// One way.
pub struct Outcome {
    pub name: &'static str,
    /// The template, with the name SECRET where the placeholder's goes.
    pub template: &'static str,
    pub options: &'static [&'static str],
    /// Where a shell sends standard output.
    pub redirect: &'static str,
    pub fault: Option<&'static str>,
    /// What the program must say, so that the way is the one that is meant.
    said: &'static str,
}

impl Outcome {
    /// Whether a command gets the result.
    pub fn is_run(&self) -> bool {
        self.options.contains(&"--")
    }

    #[track_caller]
    pub fn check(&self, said: &str) {
        assert!(said.contains(self.said), "{}: `{}` is not in:\n{said}", self.name, self.said);
    }
}

const GOOD: &str = r#"version: "2.0"
services:
  web:
    image: ghcr.io/o/a:1
    credentials:
      host: https://ghcr.io
      username: "user"
      password: "{{ SECRET }}"
    env:
      - TOKEN={{ SECRET | b64encode | b64decode }}
      - 'QUOTED={{ SECRET | shell_quote }}'
    args:
      - |
        first
        {{ SECRET | trim }}
    expose:
      - port: 80
        as: 80
        to:
          - global: true
profiles:
  compute:
    web:
      resources:
        cpu:
          units: 1
        memory:
          size: 512Mi
        storage:
          size: 512Mi
  placement:
    akash:
      pricing:
        web:
          denom: uakt
          amount: 1000
deployment:
  web:
    akash:
      profile: web
      count: 1
"#;

/// An SDL whose secret is in a login and in `env` only, as the Console takes it.
pub const SERVED: &str = r#"version: "2.0"
services:
  web:
    image: ghcr.io/o/a:1
    credentials:
      host: https://ghcr.io
      username: user
      password: "{{ SECRET }}"
    env:
      - "DB_PASSWORD={{ SECRET }}"
    expose:
      - port: 80
        to: [{global: true}]
profiles:
  compute: {web: {resources: {cpu: {units: 1}, memory: {size: 512Mi}, storage: {size: 512Mi}}}}
  placement: {akash: {pricing: {web: {denom: uakt, amount: 1000}}}}
deployment: {web: {akash: {profile: web, count: 1}}}
"#;

/// A second secret, from a command that sends its parent, the program, a signal: when it takes effect, the first has been looked up.
const INTERRUPTED: &str = "a: \"{{ SECRET }}\"\nb: \"{{ SDLRENDER_TEST_SECOND }}\"\n";

macro_rules! interrupted {
    ($name:literal, $signal:literal) => {
        Outcome {
            name: $name,
            template: INTERRUPTED,
            options: &["--from-command", concat!("SDLRENDER_TEST_SECOND=sh -c 'kill -", $signal, " $PPID; exec sleep 20'")],
            redirect: "> /dev/null",
            fault: None,
            // It is stopped where it raises the signal once more.
            said: "kill)",
        }
    };
}

pub const OUTCOMES: &[Outcome] = &[
    Outcome { name: "success", template: GOOD, options: &[], redirect: "> /dev/null", fault: None, said: "exit_group" },
    Outcome { name: "a file", template: GOOD, options: &["-o", "out.yaml"], redirect: "", fault: None, said: "exit_group" },
    Outcome {
        name: "a missing name",
        template: "a: \"{{ SECRET }}\"\nb: \"{{ SDLRENDER_TEST_NOT_THERE }}\"\n",
        options: &[],
        redirect: "> /dev/null",
        fault: None,
        said: "no value for `SDLRENDER_TEST_NOT_THERE`",
    },
    Outcome {
        name: "a template error",
        template: "a: \"{{ SECRET }}\"\nb: {{ SECRET | upper }}\n",
        options: &[],
        redirect: "> /dev/null",
        fault: None,
        said: "the filter `upper`",
    },
    Outcome {
        name: "an SDL that would be refused",
        template: "version: \"2.0\"\na: \"{{ SECRET }}\"\n",
        options: &[],
        redirect: "> /dev/null",
        fault: None,
        said: "nothing was written: Akash or the registry would refuse",
    },
    Outcome {
        name: "a filter that fails",
        template: "a: \"{{ SECRET }}\"\nb: \"{{ SECRET | int }}\"\n",
        options: &[],
        redirect: "> /dev/null",
        fault: None,
        said: "is not a decimal integer",
    },
    Outcome { name: "a closed pipe", template: GOOD, options: &[], redirect: "> >(exec true)", fault: None, said: "exit_group" },
    Outcome {
        name: "a full disk",
        template: GOOD,
        options: &[],
        redirect: "> /dev/full",
        fault: None,
        said: "No space left on device",
    },
    Outcome {
        name: "a panic",
        template: GOOD,
        options: &[],
        redirect: "> /dev/null",
        fault: Some("panic"),
        said: "internal error",
    },
    interrupted!("Ctrl-C", "INT"),
    interrupted!("a termination", "TERM"),
    interrupted!("a hang-up", "HUP"),
    interrupted!("a quit", "QUIT"),
    Outcome {
        name: "a second value that comes too late",
        template: INTERRUPTED,
        options: &["--command-timeout", "0.3", "--from-command", "SDLRENDER_TEST_SECOND=sleep 20"],
        redirect: "> /dev/null",
        fault: None,
        said: "did not finish within 0.3 s",
    },
];

/// The secret itself comes from a command that prints it and does not end.
pub const LATE: Outcome = Outcome {
    name: "a command that does not end",
    template: "a: \"{{ SECRET }}\"\n",
    options: &["--command-timeout", "0.5"],
    redirect: "> /dev/null",
    fault: None,
    said: "did not finish within 0.5 s",
};

/// A command takes the program's place.
pub const HANDED: Outcome =
    Outcome { name: "run", template: GOOD, options: &["--", "cat", "{}"], redirect: "> /dev/null", fault: None, said: "execve" };

/// The images are looked up, in a registry that wants the secret; HOST is its address.
pub const VERIFIED: &[Outcome] = &[
    Outcome {
        name: "verify",
        template: GOOD,
        options: &["--format", "json"],
        redirect: "",
        fault: None,
        said: "\"login\": \"ok\"",
    },
    Outcome {
        name: "verify --pin",
        template: GOOD,
        options: &["--pin"],
        redirect: "> /dev/null",
        fault: None,
        said: "exit_group",
    },
    Outcome {
        name: "verify --pin to a file",
        template: GOOD,
        options: &["--pin", "-o", "out.yaml"],
        redirect: "",
        fault: None,
        said: "exit_group",
    },
    Outcome { name: "verify, refused", template: GOOD, options: &[], redirect: "", fault: None, said: "exit_group" },
];
