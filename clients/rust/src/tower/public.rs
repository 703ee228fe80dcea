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
        Some(beginning) => path.starts_with(beginning),
        None => path == public,
    }
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
        for path in ["/assets", "/assetsmore", "/more/assets/"] {
            assert!(!covers("/assets/*", path), "{path}");
        }
    }
}
