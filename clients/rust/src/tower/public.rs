//! The requests that are let through unasked.

use std::sync::Arc;

use http::request::Parts;

type Predicate = Arc<dyn Fn(&Parts) -> bool + Send + Sync>;

#[derive(Clone, Default)]
pub(crate) struct Public {
    paths: Vec<String>,
    predicates: Vec<Predicate>,
}

impl Public {
    pub(crate) fn add_path(&mut self, path: String) {
        self.paths.push(path);
    }

    pub(crate) fn add_predicate(&mut self, predicate: Predicate) {
        self.predicates.push(predicate);
    }

    pub(crate) fn contains(&self, request: &Parts) -> bool {
        let path = request.uri.path();
        self.paths.iter().any(|public| covers(public, path))
            || self.predicates.iter().any(|is_public| is_public(request))
    }
}

fn covers(public: &str, path: &str) -> bool {
    match public.strip_suffix('*') {
        Some(beginning) => path.starts_with(beginning) && is_plain(path),
        None => path == public,
    }
}

/// Whether every router reads this path as the same one: no segment that leads elsewhere, no slash that some do not see.
fn is_plain(path: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    let ambiguous = ["//", "\\", "%2e", "%2f", "%5c"];
    !ambiguous.iter().any(|each| lower.contains(each))
        && !path
            .split('/')
            .any(|segment| segment == "." || segment == "..")
}

#[cfg(test)]
mod tests {
    use super::covers;

    #[test]
    fn a_path_is_one_and_a_star_is_all_that_begins_so() {
        assert!(covers("/login", "/login"));
        assert!(covers("/assets/*", "/assets/"));
        assert!(covers("/assets/*", "/assets/css/main.css"));
        for path in ["/", "/login/", "/Login", "/login/more", "/logins"] {
            assert!(!covers("/login", path), "{path}");
        }
        for path in [
            "/assets",
            "/assetsmore",
            "/more/assets/",
            "/assets/../account",
            "/assets/%2E%2e/account",
            "/assets/..%2faccount",
            "/assets//account",
            "/assets/..\\account",
        ] {
            assert!(!covers("/assets/*", path), "{path}");
        }
    }
}
