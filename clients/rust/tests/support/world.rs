//! A user of the fake, or of a server, who has an authenticator app.

use std::time::{Duration, SystemTime};

use authflow_client::fake::{AuthFlowFake, MailKind, SecondFactorPolicy};
use authflow_client::proto::organization_service_client::OrganizationServiceClient;
use authflow_client::proto::user_service_client::UserServiceClient;
use authflow_client::proto::{SetPasswordRequest, UpdateOrganizationRequest};
use authflow_client::{
    AuthFlow, Challenge, Client, ConfirmTotp, EnableTotp, Error, FooBar, Login, LoginStep,
    SendVerificationEmail, Session, VerifyEmail, VerifyTotp,
};
use serde_json::Value;

use super::authenticator::{shown, wrong, STEP};
use super::{as_admin, client, control, organization, session_of, user_id_of, EMAIL, PASSWORD};

/// An organization, and what is done to it beside the client.
pub enum World {
    Fake(AuthFlowFake),
    Server { client: Client, org_id: String },
}

/// What an organization may set.
pub enum Setting {
    SecondFactor(SecondFactorPolicy),
    RequireVerifiedEmail,
    LoginByEmail,
}

impl World {
    pub async fn both() -> [Self; 2] {
        let organization = organization().await;
        let server = Self::Server {
            client: client(&organization.api_key),
            org_id: organization.org_id,
        };
        [Self::Fake(AuthFlowFake::new()), server]
    }

    pub fn authflow(&self) -> &dyn AuthFlow {
        match self {
            Self::Fake(fake) => fake,
            Self::Server { client, .. } => client,
        }
    }

    /// By the clock of either: a nonce is good for five minutes, told in whole seconds.
    pub async fn now(&self) -> SystemTime {
        let nonce = self.authflow().foo_bar(FooBar::new(EMAIL)).await.unwrap();
        nonce.expires_at - Duration::from_secs(300)
    }

    pub async fn later(&self, by: Duration) {
        match self {
            Self::Fake(fake) => fake.advance(by),
            Self::Server { .. } => {
                control("POST", &format!("/clock?seconds={}", by.as_secs())).await;
            }
        }
    }

    pub async fn set(&self, setting: Setting) {
        match (self, setting) {
            (Self::Fake(fake), Setting::SecondFactor(policy)) => fake.set_second_factor(policy),
            (Self::Fake(fake), Setting::RequireVerifiedEmail) => {
                fake.set_require_verified_email(true);
            }
            (Self::Fake(fake), Setting::LoginByEmail) => fake.set_login_by_email(true),
            (Self::Server { client, org_id }, setting) => {
                let mut change = UpdateOrganizationRequest {
                    org_id: org_id.clone(),
                    ..Default::default()
                };
                let name = match setting {
                    Setting::SecondFactor(policy) => {
                        change.second_factor = format!("{policy:?}").to_lowercase();
                        "second_factor"
                    }
                    Setting::RequireVerifiedEmail => {
                        change.require_verified_email = true;
                        "require_verified_email"
                    }
                    Setting::LoginByEmail => {
                        change.login_by_email = true;
                        "login_by_email"
                    }
                };
                change.update_mask = vec![name.to_owned()];
                let mut organizations = OrganizationServiceClient::new(client.connection());
                let changed = organizations.update_organization(as_admin(change)).await;
                changed.expect("a change");
            }
        }
    }

    /// One that must be changed.
    pub async fn set_password(&self, password: &str) {
        match self {
            Self::Fake(fake) => fake.set_password(EMAIL, password, true),
            Self::Server { client, org_id } => {
                let change = SetPasswordRequest {
                    org_id: org_id.clone(),
                    user_id: user_id_of(client, org_id, EMAIL).await,
                    new_password: password.to_owned(),
                    must_change: true,
                };
                let mut users = UserServiceClient::new(client.connection());
                users
                    .set_password(as_admin(change))
                    .await
                    .expect("a change");
            }
        }
    }

    /// The user's address is proven by the token of a mail.
    pub async fn verify_address(&self) {
        let token = match self {
            Self::Fake(fake) => {
                let send = SendVerificationEmail::new(EMAIL);
                fake.send_verification_email(send).await.unwrap();
                fake.mails().pop().unwrap().token
            }
            Self::Server { org_id, .. } => {
                let path =
                    format!("/mail-tokens?org_id={org_id}&kind=verify&email={EMAIL}&to={EMAIL}");
                let answer: Value = serde_json::from_str(&control("POST", &path).await).unwrap();
                answer["token"].as_str().unwrap().to_owned()
            }
        };
        let verify = VerifyEmail::new(&token);
        self.authflow().verify_email(verify).await.unwrap();
    }
}

/// Ada, who has signed up and logged in.
pub struct Ada {
    pub world: World,
    pub session: Session,
    /// Of her app.
    pub secret: String,
    pub recovery_codes: Vec<String>,
}

impl Ada {
    /// Without a second factor.
    pub async fn new(world: World) -> Self {
        Self {
            session: session_of(world.authflow()).await,
            world,
            secret: String::new(),
            recovery_codes: Vec::new(),
        }
    }

    pub async fn with_factor(world: World) -> Self {
        let mut ada = Self::new(world).await;
        let token = ada.session.token.clone();
        let enable = EnableTotp::new(&token);
        ada.secret = ada.authflow().enable_totp(enable).await.unwrap().secret;
        let code = ada.fresh_code().await;
        let confirm = ConfirmTotp::new(&token, &code).email(EMAIL);
        let confirmed = ada.authflow().confirm_totp(confirm).await.unwrap();
        assert_eq!(confirmed.session, None);
        ada.recovery_codes = confirmed.recovery_codes;
        ada
    }

    /// The same of the fake.
    pub async fn in_fake() -> Self {
        Self::with_factor(World::Fake(AuthFlowFake::new())).await
    }

    pub fn authflow(&self) -> &dyn AuthFlow {
        self.world.authflow()
    }

    pub fn fake(&self) -> &AuthFlowFake {
        match &self.world {
            World::Fake(fake) => fake,
            World::Server { .. } => panic!("a server"),
        }
    }

    /// A code of a step that was not shown before: each is good once.
    pub async fn fresh_code(&self) -> String {
        self.world.later(STEP).await;
        shown(&self.secret, self.world.now().await)
    }

    pub async fn wrong_code(&self) -> String {
        wrong(&self.secret, self.world.now().await)
    }

    pub async fn step(&self) -> Result<LoginStep, Error> {
        self.authflow()
            .login_step(Login::new(EMAIL, PASSWORD))
            .await
    }

    pub async fn challenge(&self) -> Challenge {
        challenge_of(self.step().await.unwrap())
    }

    pub async fn verify_totp(&self, challenge: &str, code: &str) -> Result<LoginStep, Error> {
        let verify = VerifyTotp::new(challenge, code);
        self.authflow().verify_totp(verify).await
    }

    /// The code of the fake's last mail of a kind.
    pub fn mailed(&self, kind: MailKind) -> String {
        let mails = self.fake().mails();
        let mail = mails.iter().rfind(|mail| mail.kind == kind);
        mail.expect("a mail").code.clone()
    }
}

pub fn challenge_of(step: LoginStep) -> Challenge {
    match step {
        LoginStep::Challenge(challenge) => challenge,
        LoginStep::Session { .. } => panic!("a session and no challenge"),
    }
}

pub fn session_in(step: LoginStep) -> Session {
    match step {
        LoginStep::Session { session, .. } => session,
        LoginStep::Challenge(challenge) => panic!("{challenge:?} and no session"),
    }
}

pub fn reason_of<T: std::fmt::Debug>(outcome: Result<T, Error>) -> String {
    let error = outcome.unwrap_err();
    error.reason().expect("a reason").as_str().to_owned()
}
