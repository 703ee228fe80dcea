//! What calls with more than three arguments take.

use std::fmt;

/// A user to sign up with [`Client::sign_up`](crate::Client::sign_up).
#[derive(Clone, Copy)]
pub struct SignUp<'a> {
    /// The e-mail; it is normalized by the server.
    pub email: &'a str,
    /// 8 to 32 characters with an upper-case and a lower-case letter, a digit and a special character.
    pub password: &'a str,
    /// The user's name, 1 to 200 characters.
    pub full_name: &'a str,
    /// That the user has accepted your terms. The server refuses anything but true.
    pub disclaimed: bool,
}

/// A new password to set with [`Client::change_password`](crate::Client::change_password).
#[derive(Clone, Copy)]
pub struct ChangePassword<'a> {
    /// The token of the session that asks; it lives on.
    pub session_token: &'a str,
    /// The e-mail that the session must belong to.
    pub email: &'a str,
    /// The new password, under the same policy as in [`SignUp`].
    pub new_password: &'a str,
    /// The present password. When it is given it must be right.
    pub current_password: Option<&'a str>,
}

impl fmt::Debug for SignUp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignUp")
            .field("email", &self.email)
            .field("full_name", &self.full_name)
            .field("disclaimed", &self.disclaimed)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ChangePassword<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChangePassword")
            .field("email", &self.email)
            .finish_non_exhaustive()
    }
}
