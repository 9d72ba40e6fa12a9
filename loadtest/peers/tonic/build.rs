// The services' code, by protoc, of the same .proto files as penstock's own servers. PENSTOCK_ROOT is
// the top of penstock's tree.
fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-env-changed=PENSTOCK_ROOT");
    let root = std::env::var("PENSTOCK_ROOT")?;
    let protos = [
        format!("{root}/examples/helloworld/helloworld.proto"),
        format!("{root}/loadtest/streams/benchmark_service.proto"),
    ];
    tonic_prost_build::configure()
        .build_client(false)
        .compile_protos(&protos, &[root])?;
    Ok(())
}
