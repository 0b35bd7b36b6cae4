//! What the machine must have: system packages, Node, tools.

use std::process::Command;

use anyhow::bail;

use crate::cache;
use crate::sh;

/// Needed to build the services: librdkafka wants a C compiler and OpenSSL's headers.
const BUILD: &[&str] = &["build-essential", "pkg-config", "libssl-dev", "zlib1g-dev", "libzstd-dev", "curl"];
/// Needed to build the window.
const WINDOW: &[&str] = &["libwebkit2gtk-4.1-dev", "libgtk-3-dev", "librsvg2-dev"];
/// Needed to show and drive the window where there is no display.
const HEADLESS: &[&str] = &["webkit2gtk-driver", "xvfb", "dbus", "fonts-dejavu-core"];
/// Needed by tests: peers and clients.
const PEERS: &[&str] =
    &["kcat", "postgresql", "python3-venv", "default-jdk-headless", "maven", "rapidjson-dev"];

#[derive(Clone, Copy)]
pub(crate) enum Need {
    /// To build and open the window.
    Run,
    /// The same without a display.
    RunHeadless,
    /// Whatever the tests use.
    Test,
    /// To build the services only.
    Serve,
}

/// Installs what is missing when it may, else prints the exact command.
pub(crate) fn ensure(need: Need) -> anyhow::Result<()> {
    node_is_recent(need)?;
    match std::env::consts::OS {
        "linux" => linux(need),
        "macos" => {
            if sh::capture("xcode-select", &["-p"]).is_none() {
                bail!("Apple's command line tools are missing. Run: xcode-select --install");
            }
            if sh::capture("brew", &["--prefix", "openssl@3"]).is_none()
                && sh::capture("pkg-config", &["--exists", "openssl"]).is_none()
            {
                bail!("OpenSSL is missing. Run: brew install openssl@3 pkg-config");
            }
            Ok(())
        }
        "windows" => {
            if sh::capture("where", &["cl"]).is_none() && std::env::var_os("VSINSTALLDIR").is_none() {
                eprintln!(
                    "note: Microsoft C++ Build Tools were not seen. If linking fails, install 'Desktop development with C++', and vcpkg's openssl."
                );
            }
            Ok(())
        }
        other => {
            eprintln!("note: {other} is not a system Pumphouse is tried on; going on without checks");
            Ok(())
        }
    }
}

fn linux(need: Need) -> anyhow::Result<()> {
    let mut wanted: Vec<&str> = BUILD.to_vec();
    match need {
        Need::Serve => {}
        Need::Run => wanted.extend(WINDOW),
        Need::RunHeadless => wanted.extend([WINDOW, HEADLESS].concat()),
        Need::Test => wanted.extend([WINDOW, HEADLESS, PEERS].concat()),
    }
    if sh::capture("dpkg-query", &["--version"]).is_none() {
        eprintln!("note: no dpkg here. Pumphouse needs what Debian calls: {}", wanted.join(" "));
        return Ok(());
    }
    let missing: Vec<&str> = wanted.into_iter().filter(|package| !is_installed(package)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let (program, prefix): (&str, &[&str]) = if sh::capture("id", &["-u"]).as_deref() == Some("0") {
        ("apt-get", &[])
    } else if sh::capture("sudo", &["-n", "true"]).is_some() {
        ("sudo", &["apt-get"])
    } else {
        bail!(
            "system packages are missing: {}\nRun: sudo apt-get update && sudo apt-get install -y --no-install-recommends {}",
            missing.join(" "),
            missing.join(" ")
        );
    };
    // A package index that is a little old still installs; an error shows in the next step.
    sh::step_output("apt-get update", Command::new(program).args(prefix).arg("update"))?;
    sh::step(
        &format!("install {}", missing.join(" ")),
        Command::new(program)
            .args(prefix)
            .args(["install", "-y", "--no-install-recommends"])
            .args(&missing)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
}

fn is_installed(package: &str) -> bool {
    // A JDK, Maven or PostgreSQL from elsewhere serves as well as Debian's package.
    let elsewhere = match package {
        "default-jdk-headless" => sh::capture("javac", &["-version"]).is_some(),
        "maven" => sh::capture("mvn", &["--version"]).is_some(),
        _ => false,
    };
    elsewhere
        || sh::capture("dpkg-query", &["-W", "-f=${Status}", package])
            .is_some_and(|status| status.ends_with(" installed"))
}

fn node_is_recent(need: Need) -> anyhow::Result<()> {
    if matches!(need, Need::Serve) {
        return Ok(());
    }
    let Some(version) = sh::capture("node", &["--version"]) else {
        bail!("Node.js is missing: install version 20.19 or newer (https://nodejs.org), then run this again");
    };
    let mut parts = version.trim_start_matches('v').split('.').map(|part| part.parse::<u32>().unwrap_or(0));
    let (major, minor) = (parts.next().unwrap_or(0), parts.next().unwrap_or(0));
    if (major, minor) < (20, 19) {
        bail!(
            "Node.js {version} is too old for the window's build: install 20.19 or newer, then run this again"
        );
    }
    Ok(())
}

/// `tauri-driver`, which lets WebDriver reach the window: built once into the cache.
pub(crate) fn tauri_driver() -> anyhow::Result<std::path::PathBuf> {
    const VERSION: &str = "2.0.5";
    let home = cache::dir().join("tools").join(format!("tauri-driver-{VERSION}"));
    let binary = home.join("bin").join("tauri-driver");
    if !binary.exists() {
        sh::step(
            "build tauri-driver",
            Command::new("cargo")
                .args(["install", "tauri-driver", "--locked", "--version", VERSION, "--root"])
                .arg(&home)
                .env("CARGO_TARGET_DIR", cache::dir().join("tools").join("target")),
        )?;
    }
    Ok(binary)
}
