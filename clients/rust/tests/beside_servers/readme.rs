//! The README's programs and commands.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{env, organization};

const README: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");

#[tokio::test]
async fn the_programs_of_the_readme_run_and_the_others_compile() {
    let api_key = organization().await.api_key;
    // rustdoc builds them against this package; a flag of its own, because plain `cargo test` has no key for them.
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["test", "--doc", "--all-features", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("RUSTDOCFLAGS", "--cfg authflow_readme");
    let printed = run(command, &api_key);
    // With the one in the documentation of the fake.
    let programs = |ending| {
        printed
            .lines()
            .filter(|line| line.ends_with(ending))
            .count()
    };
    assert_eq!(
        (programs(") ... ok"), programs("- compile ... ok")),
        (3, 3),
        "{printed}"
    );
}

#[tokio::test]
async fn the_commands_of_the_readme_work_from_a_clone() {
    let api_key = organization().await.api_key;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readme");
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    let readme = fs::read_to_string(README).unwrap();
    let program = &blocks(&readme, "rust")[0];
    fs::write(folder.join("main.rs"), program).unwrap();
    let commands = blocks(&readme, "sh").into_iter();
    // The last are those of this test itself.
    let commands: Vec<_> = commands.filter(|block| !block.contains("npm")).collect();
    assert_eq!(commands.len(), 4);
    let script = commands
        .join("\n")
        .replace("CLONE", clone().to_str().unwrap())
        .replace("127.0.0.1:50051", &env("AUTHFLOW_TEST_GRPC"))
        .replace("'af_…'", "\"$AUTHFLOW_API_KEY\"")
        .replace("cd backend", "cd backend && cp ../main.rs src/main.rs");
    let mut command = Command::new("sh");
    command
        .args(["-euc", &(script + "\ncargo check --tests")])
        .current_dir(&folder)
        .env("CARGO_NET_OFFLINE", "true");
    let printed = run(command, &api_key);
    assert!(printed.contains(" Ada Lovelace\n"), "{printed}");
}

/// The code of every block of a language.
fn blocks(readme: &str, language: &str) -> Vec<String> {
    let opening = format!("```{language}\n");
    let blocks = readme.split(&opening).skip(1);
    blocks
        .map(|rest| rest.split("```").next().unwrap().to_owned())
        .collect()
}

/// The repository, whose vectors the stand gives.
fn clone() -> PathBuf {
    let vectors = PathBuf::from(env("AUTHFLOW_TEST_VECTORS"));
    vectors.join("../..").canonicalize().unwrap()
}

/// Runs a command that ends well and prints no key; gives what it printed.
fn run(mut command: Command, api_key: &str) -> String {
    command
        .env("AUTHFLOW_ADDRESS", env("AUTHFLOW_TEST_GRPC"))
        .env("AUTHFLOW_API_KEY", api_key);
    // What the outer Cargo says of this package makes the inner one build dependencies again.
    for (name, _) in std::env::vars() {
        if name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_")
            || name == "OUT_DIR"
        {
            command.env_remove(name);
        }
    }
    let output = command.output().expect("a command");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    assert!(!printed.contains(api_key));
    printed
}
