package dev.authflow.client.testing;

import static dev.authflow.client.testing.FakeStore.timestamp;

import dev.authflow.client.Nonce;
import dev.authflow.client.Reason;
import dev.authflow.client.Session;
import dev.authflow.client.SessionUser;
import dev.authflow.client.User;
import dev.authflow.v1.FooBarResponse;
import dev.authflow.v1.SignUpResponse;
import dev.authflow.v1.ValidateResponse;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/** AuthService in memory. For one thread at a time. */
final class FakeLogins {
  private static final Duration NONCE_LIFE = Duration.ofMinutes(5);

  private final FakeStore store;
  private final FakeProofs proofs;
  private final FakeSteps steps;

  FakeLogins(FakeStore store, FakeProofs proofs, FakeSteps steps) {
    this.store = store;
    this.proofs = proofs;
    this.steps = steps;
  }

  Nonce fooBar(String identity) {
    Parameters parameters = new Parameters();
    parameters.email("identity", identity);
    parameters.refuseFaults();
    return Nonce.from(
        FooBarResponse.newBuilder()
            .setToken("fake-" + UUID.randomUUID())
            .setExpiresAt(timestamp(store.now().plus(NONCE_LIFE)))
            .build());
  }

  User signUp(String email, String password, String fullName, boolean disclaimed) {
    Parameters parameters = new Parameters();
    String address = parameters.email("email", email);
    String secret = parameters.password("password", password);
    String name = parameters.name("fullname", fullName);
    parameters.refuseFaults();
    PasswordPolicy.require(secret);
    if (!disclaimed) {
      throw Refusals.because(Reason.DISCLAIMER_REQUIRED);
    }
    if (store.users.containsKey(address)) {
      throw Refusals.because(Reason.USER_EXISTS);
    }
    FakeUser user = new FakeUser(address, name, secret, store.now());
    store.users.put(address, user);
    return User.from(
        SignUpResponse.newBuilder()
            .setUserId(user.id)
            .setEmail(user.email)
            .setFullname(user.fullName)
            .setOrgId(store.orgId)
            .build());
  }

  Session login(String email, String password) {
    Parameters parameters = new Parameters();
    String address = parameters.email("email", email);
    String secret = parameters.password("password", password);
    parameters.refuseFaults();
    FakeUser user =
        Optional.ofNullable(store.users.get(address)).orElseThrow(() -> Refusals.because(Reason.USER_NOT_FOUND));
    user.requirePassword(secret);
    return steps.afterPassword(user);
  }

  SessionUser validate(String sessionToken, String email) {
    Parameters parameters = new Parameters();
    parameters.required("sessionToken", sessionToken);
    String address = parameters.email("email", email);
    parameters.refuseFaults();
    FakeSession.Token token = store.live(sessionToken, address);
    FakeUser user = token.session.user;
    return SessionUser.from(
        ValidateResponse.newBuilder()
            .setUserId(user.id)
            .setEmail(user.email)
            .setFullname(user.fullName)
            .setOrgId(store.orgId)
            .setSessionId(token.session.id)
            .setExpiresAt(timestamp(token.expiresAt))
            .setEmailVerified(user.emailVerified)
            .addAllRoles(user.roles)
            .build());
  }

  int changePassword(String sessionToken, String email, String newPassword, String currentPassword, String code) {
    Parameters parameters = new Parameters();
    String secret = parameters.password("newPassword", newPassword);
    String current = parameters.optionalPassword("currentPassword", currentPassword);
    String given = parameters.optionalCode("code", code);
    String address = proofs.email(parameters, sessionToken, email);
    parameters.refuseFaults();
    PasswordPolicy.require(secret);
    FakeSession session = store.live(sessionToken, address).session;
    if (session.user.factor != null) {
      proofs.requireFresh(session, current, given);
    } else if (!current.isEmpty()) {
      session.user.requirePassword(current);
    }
    session.user.setPassword(secret);
    return store.end(session.user, other -> other != session);
  }

  void logout(String sessionToken, String email) {
    Parameters parameters = new Parameters();
    parameters.required("sessionToken", sessionToken);
    String address = parameters.email("email", email);
    parameters.refuseFaults();
    store.known(sessionToken, address).session.isEnded = true;
  }
}
