//! Generates messages and stubs from the product's proto files, without protoc.

const ROOT: &str = "proto";
const FILES: [&str; 6] = [
    "authflow/v1/account_service.proto",
    "authflow/v1/auth_service.proto",
    "authflow/v1/error_reason.proto",
    "authflow/v1/organization_service.proto",
    "authflow/v1/second_factor_service.proto",
    "authflow/v1/user_service.proto",
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    for file in FILES {
        println!("cargo:rerun-if-changed={ROOT}/{file}");
    }
    let files = protox::compile(FILES, [ROOT])?;
    tonic_prost_build::configure()
        .build_server(false)
        .compile_fds(files)?;
    Ok(())
}
