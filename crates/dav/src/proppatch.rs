//! PROPPATCH (RFC 4918 section 9.2): sets texts such as a name or a colour.

use url::Url;

use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::multistatus;
use crate::names::Name;
use crate::request::{self, Request};
use crate::response::Response;
use crate::xml;

/// The request.
pub fn prepare(url: &Url, properties: &[(Name, &str)]) -> Request {
    let body = format!("<D:set>{}</D:set>", prop(properties));
    Request::new("PROPPATCH", url).body(request::XML, xml::document("D:propertyupdate", &body))
}

/// `<D:prop>` with these texts.
pub(crate) fn prop(properties: &[(Name, &str)]) -> String {
    let mut prop = String::from("<D:prop>");
    for (name, value) in properties {
        let value = xml::escape(value);
        match name.prefix() {
            Some(prefix) => prop.push_str(&format!("<{prefix}:{0}>{value}</{prefix}:{0}>", name.local)),
            None => {
                let namespace = xml::escape(&name.namespace);
                prop.push_str(&format!("<{0} xmlns=\"{namespace}\">{value}</{0}>", name.local));
            }
        }
    }
    prop + "</D:prop>"
}

/// The answer: all properties are set, or none.
///
/// # Errors
/// `Refused`, naming the first property that the server will not set.
pub fn parse(response: Response) -> Result<()> {
    let path = response.url.path().to_owned();
    multistatus::parse(response, &mut |row| {
        // 424 says that another property failed: that one is the reason.
        let refused = row.properties.iter().filter(|(status, _)| !(200..300).contains(status));
        match refused.min_by_key(|(status, _)| *status == 424) {
            Some((status, property)) => {
                let what =
                    format!("the server answered PROPPATCH {path} with {status} for {}", property.name);
                Err(Error::new(ErrorKind::Refused, row.told(*status, &what)).with_status(*status))
            }
            None => Ok(()),
        }
    })?;
    Ok(())
}

impl Client {
    /// Sets properties.
    pub fn proppatch(&self, url: &Url, properties: &[(Name, &str)]) -> Result<()> {
        parse(self.send(&prepare(url, properties))?)
    }
}
