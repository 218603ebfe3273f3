//! Cases of `breaking`: two folders beside each other, and the command lines that are run around them.

use super::workspaces::{ALONE, C, Case, MODULES, NEW_A, NEW_B, TWO, case};

pub(super) fn breaking_cases() -> Vec<Case> {
    let sides = |config: &str, new_config: &str| {
        let mut files = Vec::new();
        for (path, text) in MODULES {
            files.push((format!("old/{path}"), text.to_owned()));
        }
        files.push(("new/m1/a/v1/a.proto".to_owned(), NEW_A.to_owned()));
        files.push(("new/m2/b/v1/b.proto".to_owned(), NEW_B.to_owned()));
        files.push(("old/buf.yaml".to_owned(), config.to_owned()));
        files.push(("new/buf.yaml".to_owned(), new_config.to_owned()));
        files
    };
    let of = |name, config: &str, new: &str, commands: &[&'static str]| Case {
        name,
        files: sides(config, new),
        commands: commands.to_vec(),
    };
    let plain: &[&'static str] = &["breaking new --against old"];
    vec![
        of(
            "modules",
            TWO,
            TWO,
            &[
                "breaking new --against old",
                "breaking new --against old --exclude-imports",
                "breaking new/m1 --against old/m1",
                "breaking new/m2 --against old/m2 --exclude-imports",
                "breaking new/m1 --against old",
                "breaking new --against old/m1",
                "breaking old --against new",
                "breaking new/m1/a/v1/a.proto --against old/m1/a/v1/a.proto",
                "@new breaking --against ../old",
                "@new/m1 breaking . --against ../../old/m1",
                "breaking new --against nope",
                "breaking nope --against old",
            ],
        ),
        of(
            "own-rules",
            TWO,
            "version: v2\nmodules:\n  - path: m1\n    breaking:\n      use: [WIRE]\n  - path: m2\n",
            plain,
        ),
        of("order-of-modules", TWO, "version: v2\nmodules:\n  - path: m2\n  - path: m1\n", plain),
        of(
            "names-of-modules",
            TWO,
            "version: v2\nmodules:\n  - path: m1\n    name: buf.test/z/z\n  - path: m2\n    name: buf.test/a/a\n",
            plain,
        ),
        of(
            "ignored",
            TWO,
            "version: v2\nmodules:\n  - path: m1\n  - path: m2\nbreaking:\n  ignore: [m1/a, m2/b/v1/c.proto]\n",
            plain,
        ),
        of(
            "ignored-module",
            TWO,
            "version: v2\nmodules:\n  - path: m1\n  - path: m2\nbreaking:\n  ignore: [m2]\n",
            plain,
        ),
        of(
            "ignore-only",
            TWO,
            "version: v2\nmodules:\n  - path: m1\n  - path: m2\nbreaking:\n  ignore_only:\n    FILE: [m1]\n",
            &[],
        ),
        of("fewer", TWO, "version: v2\nmodules:\n  - path: m2\n", plain),
        of(
            "more-of-one-config",
            "version: v2\nmodules:\n  - path: m1\n    excludes: [m1/x]\n  - path: m2\n",
            TWO,
            plain,
        ),
        of(
            "unknown-rule",
            TWO,
            "version: v2\nmodules:\n  - path: m1\n  - path: m2\nbreaking:\n  use: [STANDARD]\n",
            plain,
        ),
        of(
            "categories",
            TWO,
            "version: v2\nmodules:\n  - path: m1\n  - path: m2\nbreaking:\n  use: [PACKAGE, WIRE_JSON]\n  except: [FIELD_SAME_TYPE]\n",
            plain,
        ),
        case(
            "more-and-different",
            &[("new/m1/x.proto", C), ("new/m2/y.proto", ALONE), ("old/x.proto", C)],
            &[(
                "new/buf.yaml",
                "version: v2\nmodules:\n  - path: m1\n  - path: m2\n    breaking:\n      use: [WIRE]\n",
            )],
            plain,
        ),
        case(
            "old-names",
            &[
                (
                    "new/x.proto",
                    "syntax = \"proto3\";\npackage b.v1;\nmessage C {\n  repeated string x = 1;\n}\n",
                ),
                ("old/x.proto", C),
            ],
            &[("new/buf.yaml", "version: v1\nbreaking:\n  use: [FIELD_SAME_LABEL, FIELD_SAME_CTYPE]\n")],
            plain,
        ),
        case(
            "unstable",
            &[
                ("new/x.proto", "syntax = \"proto3\";\npackage b.v1beta1;\nmessage C {}\n"),
                (
                    "old/x.proto",
                    "syntax = \"proto3\";\npackage b.v1beta1;\nmessage C {\n  string x = 1;\n}\n",
                ),
            ],
            &[("new/buf.yaml", "version: v1\nbreaking:\n  ignore_unstable_packages: true\n")],
            &[
                "breaking new --against old",
                "breaking old --against new",
                "breaking new --against old --config version:\u{20}v1",
            ],
        ),
        case(
            "versions",
            &[
                (
                    "new/x.proto",
                    "syntax = \"proto2\";\nmessage C {\n  extensions 100 to 200;\n  optional int32 a = 1 [default = 2];\n}\n",
                ),
                (
                    "old/x.proto",
                    "syntax = \"proto2\";\nmessage C {\n  extensions 100 to 200;\n  optional int32 a = 1;\n}\nextend C {\n  optional int32 e = 100;\n}\n",
                ),
            ],
            &[],
            &[
                "breaking new --against old",
                "breaking new --against old --config version:\u{20}v1",
                "breaking new --against old --config version:\u{20}v1beta1",
                "breaking new --against old --config version:\u{20}v2",
            ],
        ),
    ]
}
