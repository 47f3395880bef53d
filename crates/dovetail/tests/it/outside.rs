//! Any server as a test sees it from outside, through a program that nobody here wrote.

use std::process::Command;

use dovetail_testkit::servers::Server;
use serde_json::Value;
use url::Url;

/// Sends a request as this user, with a body of this media type; the status.
pub(crate) fn send(method: &str, url: &str, login: (&str, &str), media_type: &str, body: &str) -> u16 {
    let output = Command::new("curl")
        .args(["-s", "-o", "/dev/null", "-w", "%{http_code}", "-X", method])
        .args(["-u", &format!("{}:{}", login.0, login.1)])
        .args(["-H", &format!("Content-Type: {media_type}"), "-A", "outside", "--data-binary", body, url])
        .output()
        .expect("curl, which the servers' own scripts use");
    String::from_utf8_lossy(&output.stdout).parse().expect("a status")
}

/// What a resource holds.
pub(crate) fn get(url: &str, login: (&str, &str)) -> String {
    let output = Command::new("curl")
        .args(["-s", "-f", "-u", &format!("{}:{}", login.0, login.1), "-A", "outside", url])
        .output()
        .expect("curl, which the servers' own scripts use");
    assert!(output.status.success(), "{url}: {output:?}");
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The names of all resources of a collection.
pub(crate) fn names(url: &str, login: (&str, &str)) -> Vec<String> {
    let body = "<D:propfind xmlns:D=\"DAV:\"><D:prop><D:getetag/></D:prop></D:propfind>";
    let output = Command::new("curl")
        .args(["-s", "-X", "PROPFIND", "-H", "Depth: 1", "-H", "Content-Type: application/xml"])
        .args(["-u", &format!("{}:{}", login.0, login.1), "-A", "outside", "--data-binary", body, url])
        .output()
        .expect("curl, which the servers' own scripts use");
    let answer = String::from_utf8_lossy(&output.stdout).into_owned();
    let hrefs = answer.split("href>").filter_map(|rest| rest.split("</").next());
    let names = hrefs.filter_map(|href| href.trim().rsplit_once('/').map(|(_, name)| name.to_owned()));
    let mut names: Vec<String> =
        names.filter(|name| name.ends_with(".vcf") || name.ends_with(".vlf")).collect();
    names.sort();
    names.dedup();
    names
}

/// Puts a calendar object into a calendar of the server's user.
pub(crate) fn put_event(server: &Server, calendar: &str, name: &str, component: &str) {
    let body = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Example//Test//EN\r\n{component}END:VCALENDAR\r\n"
    );
    let url = format!("{calendar}{name}");
    let status = send("PUT", &url, (&server.user, &server.password), "text/calendar; charset=utf-8", &body);
    assert!((200..300).contains(&status), "{url}: {status}");
}

/// A user who is logged in at SOGo's own web interface, with what a browser keeps for that.
pub(crate) struct Interface {
    address: Url,
    user: String,
    token: String,
    jar: tempfile::NamedTempFile,
}

impl Interface {
    /// Logs a server's user in.
    pub(crate) fn of(server: &Server) -> Interface {
        let mut address = Url::parse(&server.address).unwrap();
        // Its cookie is longer than what the web server before it passes on: SOGo itself is asked, which listens beside that.
        address.set_port(address.port().map(|port| port + 1)).unwrap();
        let jar = tempfile::NamedTempFile::new().unwrap();
        let mut interface = Interface { address, user: server.user.clone(), token: String::new(), jar };
        let login = serde_json::json!({ "userName": server.user, "password": server.password });
        interface.ask("/SOGo/connect", Some(&login));
        let cookies = std::fs::read_to_string(interface.jar.path()).unwrap();
        let token = cookies.lines().find_map(|line| line.split_once("XSRF-TOKEN\t")).expect("a token").1;
        interface.token = token.to_owned();
        interface
    }

    /// What is said of a resource of the user's, by its path in the interface.
    pub(crate) fn shown(&self, path: &str) -> Value {
        self.ask(&format!("/SOGo/so/{}/{path}", self.user), None)
    }

    /// Does what the interface does with what was typed into it.
    pub(crate) fn post(&self, path: &str, typed: &Value) -> Value {
        self.ask(&format!("/SOGo/so/{}/{path}", self.user), Some(typed))
    }

    fn ask(&self, path: &str, body: Option<&Value>) -> Value {
        let mut curl = Command::new("curl");
        curl.args(["-s", "-f", "-A", "outside", "-H", "Accept: application/json"]);
        curl.arg("-b").arg(self.jar.path()).arg("-c").arg(self.jar.path());
        curl.args(["-H", &format!("X-XSRF-TOKEN: {}", self.token)]);
        if let Some(body) = body {
            curl.args(["-H", "Content-Type: application/json", "--data-binary", &body.to_string()]);
        }
        let output = curl.arg(self.address.join(path).unwrap().as_str()).output();
        let output = output.expect("curl, which the servers' own scripts use");
        assert!(output.status.success(), "{path}: {output:?}");
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{path}: {error}: {output:?}"))
    }
}
