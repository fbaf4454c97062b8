//! Sets the linker flags of a Node addon.

fn main() {
    napi_build::setup();
    // A worker that was the only user of an addon unloads it when it ends, while the threads of
    // our pool still stand in its code. This keeps it loaded.
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
