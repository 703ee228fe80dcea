package dev.authflow.client;

import dev.authflow.v1.AuthServiceGrpc;
import dev.authflow.v1.AuthServiceGrpc.AuthServiceBlockingStub;
import dev.authflow.v1.ChangePasswordRequest;
import dev.authflow.v1.FooBarRequest;
import dev.authflow.v1.LoginRequest;
import dev.authflow.v1.LogoutRequest;
import dev.authflow.v1.SignUpRequest;
import dev.authflow.v1.ValidateRequest;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.time.Duration;

/**
 * Signs up, logs in and validates the users of one organization.
 *
 * <p>Make one and keep it: it holds one connection, and any number of threads may call it at the same time. Every call
 * blocks until it is answered, its deadline is over, its thread is interrupted or its {@link io.grpc.Context} is
 * cancelled, and throws {@link AuthFlowException} where it does not succeed. What was refused before anything was done is
 * repeated; after a lost reply only what is safe to repeat.
 */
public final class AuthFlowClient implements AutoCloseable {
  private static final Metadata.Key<String> API_KEY = Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER);

  private final String address;
  private final ManagedChannel connection;
  private final Channel channel;
  private final AuthServiceBlockingStub stub;
  private final Calls calls;

  AuthFlowClient(String address, String apiKey, ManagedChannel connection, Duration deadline) {
    this.address = address;
    this.connection = connection;
    this.channel = ClientInterceptors.intercept(connection, new BrokenConnections(connection));
    Metadata headers = new Metadata();
    headers.put(API_KEY, apiKey);
    this.stub =
        AuthServiceGrpc.newBlockingStub(channel)
            .withInterceptors(MetadataUtils.newAttachHeadersInterceptor(headers));
    this.calls = new Calls(stub, deadline);
  }

  /**
   * Begins a client.
   *
   * @param address the server's gRPC port, {@code host:port}
   * @param apiKey the organization's API key
   */
  public static AuthFlowClientBuilder builder(String address, String apiKey) {
    return new AuthFlowClientBuilder(address, apiKey);
  }

  /**
   * Gives a nonce for one e-mail. {@link #signUp} and {@link #login} fetch their own: this is for a nonce that is spent
   * elsewhere.
   */
  public Nonce fooBar(String identity) {
    FooBarRequest request = nonceFor(identity);
    return new Nonce(calls.make(attempt -> attempt.stub().fooBar(request)));
  }

  /**
   * Makes a user. After a lost reply it is not repeated: {@link #login} tells whether the user was made.
   *
   * @param disclaimed whether the user has accepted your terms; without that the server refuses
   */
  public User signUp(String email, String password, String fullName, boolean disclaimed) {
    SignUpRequest.Builder request =
        SignUpRequest.newBuilder()
            .setEmail(email)
            .setPassword(password)
            .setFullname(fullName)
            .setDisclaimed(disclaimed);
    return calls.make(
        attempt -> {
          String nonce = attempt.stub().fooBar(nonceFor(email)).getToken();
          attempt.mustNotBeDoneTwice();
          return new User(attempt.stub().signUp(request.setFoobar(nonce).build()));
        });
  }

  /** Checks a password and opens a session. */
  public Session login(String email, String password) {
    LoginRequest.Builder request = LoginRequest.newBuilder().setEmail(email).setPassword(password);
    return calls.make(
        attempt -> {
          String nonce = attempt.stub().fooBar(nonceFor(email)).getToken();
          return new Session(attempt.stub().login(request.setFoobar(nonce).build()));
        });
  }

  /** Tells whose live session a token is. */
  public SessionUser validate(String sessionToken, String email) {
    ValidateRequest request =
        ValidateRequest.newBuilder().setSessionToken(sessionToken).setEmail(email).build();
    return new SessionUser(calls.make(attempt -> attempt.stub().validate(request)));
  }

  /**
   * Sets a new password on the strength of the session alone, and ends the user's other sessions.
   *
   * @return how many other sessions were ended
   */
  public int changePassword(String sessionToken, String email, String newPassword) {
    return changePassword(sessionToken, email, newPassword, "");
  }

  /**
   * Sets a new password and ends the user's other sessions. After a lost reply it is not repeated.
   *
   * @param currentPassword the present password, which must be right; empty where it is not asked for
   * @return how many other sessions were ended
   */
  public int changePassword(String sessionToken, String email, String newPassword, String currentPassword) {
    ChangePasswordRequest request =
        ChangePasswordRequest.newBuilder()
            .setSessionToken(sessionToken)
            .setEmail(email)
            .setNewPassword(newPassword)
            .setCurrentPassword(currentPassword)
            .build();
    return calls.make(
        attempt -> {
          attempt.mustNotBeDoneTwice();
          return attempt.stub().changePassword(request).getEndedSessions();
        });
  }

  /** Ends a session. Ending one that has ended is a success. */
  public void logout(String sessionToken, String email) {
    LogoutRequest request = LogoutRequest.newBuilder().setSessionToken(sessionToken).setEmail(email).build();
    calls.make(attempt -> attempt.stub().logout(request));
  }

  /**
   * The generated stub, on the same connection and with the key, but without the client's deadline and repeats. Its errors
   * are read by {@link AuthFlowException#from}.
   */
  public AuthServiceBlockingStub stub() {
    return stub;
  }

  /** The connection by itself, without the key: for other stubs, such as {@code OrganizationService}'s. */
  public Channel channel() {
    return channel;
  }

  /** Closes the connection. Calls in flight fail with UNAVAILABLE, later ones too. */
  @Override
  public void close() {
    connection.shutdownNow();
  }

  @Override
  public String toString() {
    return "AuthFlowClient[" + address + "]";
  }

  private static FooBarRequest nonceFor(String identity) {
    return FooBarRequest.newBuilder().setIdentity(identity).build();
  }
}
