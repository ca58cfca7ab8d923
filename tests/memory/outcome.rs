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
        said: "nothing was written: Akash or the registry would refuse the result",
    },
    Outcome {
        name: "a filter that fails",
        template: "a: \"{{ SECRET }}\"\nb: \"{{ SECRET | int }}\"\n",
        options: &[],
        redirect: "> /dev/null",
        fault: None,
        said: "not a decimal integer",
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
];
