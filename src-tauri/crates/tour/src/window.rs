//! The app's window behind a WebDriver session.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use api::{ApiError, Call};
use fantoccini::elements::Element;
use fantoccini::wd::Capabilities;
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use crate::display::Display;
use crate::process::Process;

/// How the window is opened.
pub struct Options {
    /// The app's binary.
    pub app: PathBuf,
    /// `tauri-driver`.
    pub driver: PathBuf,
    pub data_dir: PathBuf,
    /// More flags for the app.
    pub args: Vec<String>,
    /// Where screenshots go.
    pub screens: PathBuf,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Theme {
    Dark,
    Light,
}

impl Theme {
    pub fn name(self) -> &'static str {
        match self {
            Theme::Dark => "dark",
            Theme::Light => "light",
        }
    }
}

pub struct Window {
    client: Client,
    screens: PathBuf,
    // Dropped in this order: the driver (and with it the app), then the display.
    _driver: Process,
    _display: Display,
}

/// Longer than any page needs on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);
const SCREEN: (u32, u32) = (1920, 1080);

impl Window {
    pub async fn open(options: &Options) -> anyhow::Result<Self> {
        let display = Display::start(SCREEN.0, SCREEN.1)?;
        let (port, native_port) = (free_port()?, free_port()?);
        let driver = Process::start(
            Command::new(&options.driver)
                .args(["--port", &port.to_string(), "--native-port", &native_port.to_string()])
                .env("DISPLAY", &display.name)
                .env_remove("WAYLAND_DISPLAY")
                .env("GDK_BACKEND", "x11")
                // A virtual display has no GPU.
                .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
                .env("LIBGL_ALWAYS_SOFTWARE", "1")
                .env("NO_AT_BRIDGE", "1")
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(Stdio::null()),
        )?;
        let mut args = vec!["--data-dir".to_owned(), options.data_dir.to_string_lossy().into_owned()];
        args.extend(options.args.iter().cloned());
        let capabilities = json!({
            "browserName": "wry",
            "tauri:options": { "application": options.app, "args": args },
        });
        let client = connect(port, native_port, &capabilities).await?;
        std::fs::create_dir_all(&options.screens)?;
        Ok(Self { client, screens: options.screens.clone(), _driver: driver, _display: display })
    }

    /// Sends a command through the window's own bridge.
    pub async fn rpc<C: Call>(&self, params: &C) -> anyhow::Result<C::Reply> {
        const SCRIPT: &str = "const [command, params, done] = arguments; \
            window.__TAURI_INTERNALS__.invoke('rpc', { command, params }) \
            .then((reply) => done({ reply }), (error) => done({ error }))";
        let outcome =
            self.client.execute_async(SCRIPT, vec![json!(C::NAME), serde_json::to_value(params)?]).await?;
        if let Some(error) = outcome.get("error") {
            match serde_json::from_value::<ApiError>(error.clone()) {
                Ok(error) => bail!("{}: {error}", C::NAME),
                Err(_) => bail!("{}: {error}", C::NAME),
            }
        }
        Ok(serde_json::from_value(outcome["reply"].clone())?)
    }

    /// The element with this `data-testid`, once it is there.
    pub async fn find(&self, testid: &str) -> anyhow::Result<Element> {
        self.find_css(&format!("[data-testid='{testid}']")).await
    }

    pub async fn find_css(&self, css: &str) -> anyhow::Result<Element> {
        self.client
            .wait()
            .at_most(LIMIT)
            .for_element(Locator::Css(css))
            .await
            .with_context(|| format!("nothing matches {css}"))
    }

    pub async fn exists(&self, testid: &str) -> anyhow::Result<bool> {
        Ok(!self.client.find_all(Locator::Css(&format!("[data-testid='{testid}']"))).await?.is_empty())
    }

    /// Clicks it, trying again while the page moves under the pointer.
    pub async fn click(&self, testid: &str) -> anyhow::Result<()> {
        let started = Instant::now();
        loop {
            match self.find(testid).await?.click().await {
                Ok(()) => return Ok(()),
                Err(error) if started.elapsed() > Duration::from_secs(15) => {
                    return Err(error).with_context(|| format!("{testid} can't be clicked"));
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
    }

    /// Replaces the text of an input.
    pub async fn fill(&self, testid: &str, text: &str) -> anyhow::Result<()> {
        let element = self.find(testid).await?;
        element.clear().await?;
        Ok(element.send_keys(text).await?)
    }

    pub async fn text(&self, testid: &str) -> anyhow::Result<String> {
        Ok(self.find(testid).await?.text().await?)
    }

    /// Waits until the element's text satisfies `wanted`; returns the text.
    pub async fn wait_text(&self, testid: &str, wanted: impl Fn(&str) -> bool) -> anyhow::Result<String> {
        let started = Instant::now();
        let mut last = String::new();
        while started.elapsed() < LIMIT {
            // The element may be replaced between two looks.
            if let Ok(text) = self.text(testid).await {
                if wanted(&text) {
                    return Ok(text);
                }
                last = text;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        bail!("{testid} never said what was waited for; it says {last:?}")
    }

    /// Goes to a path of the app, as a click on a link would.
    pub async fn goto(&self, path: &str) -> anyhow::Result<()> {
        const SCRIPT: &str = "window.history.pushState({}, '', arguments[0]); \
            window.dispatchEvent(new PopStateEvent('popstate', { state: {} }));";
        self.client.execute(SCRIPT, vec![json!(path)]).await?;
        Ok(())
    }

    pub async fn execute(&self, script: &str) -> anyhow::Result<Value> {
        Ok(self.client.execute(script, vec![]).await?)
    }

    pub async fn set_size(&self, width: u32, height: u32) -> anyhow::Result<()> {
        self.client.set_window_rect(0, 0, width, height).await?;
        Ok(())
    }

    /// Sets the theme where the window keeps the user's choice, and loads it anew.
    pub async fn set_theme(&self, theme: Theme) -> anyhow::Result<()> {
        const SCRIPT: &str =
            "localStorage.setItem('mantine-color-scheme-value', arguments[0]); location.reload();";
        self.client.execute(SCRIPT, vec![json!(theme.name())]).await?;
        self.find_css(&format!("html[data-mantine-color-scheme='{}'] nav", theme.name())).await?;
        Ok(())
    }

    /// A PNG of the window as `screens/<name>.png`.
    ///
    /// WebKit takes it with the next frame it paints, and on a page where nothing
    /// moves there is none: a dot of one pixel blinks meanwhile.
    pub async fn screenshot(&self, name: &str) -> anyhow::Result<PathBuf> {
        const BLINK: &str = "const dot = document.createElement('i'); dot.id = 'tour-dot'; \
            dot.style.cssText = 'position:fixed;left:0;bottom:0;width:1px;height:1px'; document.body.append(dot); \
            let on = false; window.tourBlink = setInterval(() => { \
            on = !on; dot.style.background = on ? '#8881' : '#8882'; }, 30);";
        const REST: &str = "clearInterval(window.tourBlink); document.getElementById('tour-dot')?.remove();";
        let path = self.screens.join(format!("{name}.png"));
        self.client.execute(BLINK, vec![]).await?;
        let png =
            tokio::time::timeout(LIMIT, self.client.screenshot()).await.context("no screenshot in time")?;
        self.client.execute(REST, vec![]).await?;
        std::fs::write(&path, png?)?;
        Ok(path)
    }

    /// Ends the session, and with it the app.
    pub async fn close(self) -> anyhow::Result<()> {
        Ok(self.client.clone().close().await?)
    }
}

/// Both drivers need a moment until they listen: tauri-driver, and WebKit's behind it.
async fn connect(port: u16, native_port: u16, capabilities: &Value) -> anyhow::Result<Client> {
    let capabilities: Capabilities = serde_json::from_value(capabilities.clone())?;
    listening(native_port).await.context("WebKitWebDriver does not listen (webkit2gtk-driver)")?;
    listening(port).await.context("tauri-driver does not listen")?;
    ClientBuilder::new(HttpConnector::new())
        .capabilities(capabilities)
        .connect(&format!("http://127.0.0.1:{port}"))
        .await
        .context("the window did not open")
}

async fn listening(port: u16) -> anyhow::Result<()> {
    let started = Instant::now();
    while let Err(error) = tokio::net::TcpStream::connect(("127.0.0.1", port)).await {
        if started.elapsed() > Duration::from_secs(20) {
            return Err(error).with_context(|| format!("port {port}"));
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// Free ports for the app's services, as flags.
pub fn port_flags() -> anyhow::Result<Vec<String>> {
    let mut flags = Vec::new();
    for flag in ["--kafka-port", "--registry-port", "--api-port"] {
        flags.push(flag.to_owned());
        flags.push(free_port()?.to_string());
    }
    Ok(flags)
}
