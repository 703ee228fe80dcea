//! The README's programs.

use std::process::Command;

use crate::support::{env, organization};

#[tokio::test]
async fn the_ten_lines_of_the_readme_run_and_the_others_compile() {
    let api_key = organization().await.api_key;
    // rustdoc builds them against this package; a flag of its own, because plain `cargo test` has no key for them.
    let mut command = Command::new(env!("CARGO"));
    command
        .args(["test", "--doc", "--all-features", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .env("RUSTDOCFLAGS", "--cfg authflow_readme")
        .env("AUTHFLOW_GRPC", env("AUTHFLOW_TEST_GRPC"))
        .env("AUTHFLOW_API_KEY", &api_key);
    // What the outer Cargo says of this package makes the inner one build dependencies again.
    for (name, _) in std::env::vars() {
        if name.starts_with("CARGO_PKG_")
            || name.starts_with("CARGO_MANIFEST_")
            || name == "OUT_DIR"
        {
            command.env_remove(name);
        }
    }
    let output = command.output().expect("cargo");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{printed}");
    let programs = |ending| {
        printed
            .lines()
            .filter(|line| line.ends_with(ending))
            .count()
    };
    assert_eq!(
        (programs(") ... ok"), programs("- compile ... ok")),
        (1, 2),
        "{printed}"
    );
    assert!(!printed.contains(&api_key));
}
