package dev.authflow.client;

import dev.authflow.v1.AccountServiceGrpc;
import dev.authflow.v1.AccountServiceGrpc.AccountServiceBlockingStub;
import dev.authflow.v1.AuthServiceGrpc;
import dev.authflow.v1.AuthServiceGrpc.AuthServiceBlockingStub;
import dev.authflow.v1.SecondFactorServiceGrpc;
import dev.authflow.v1.SecondFactorServiceGrpc.SecondFactorServiceBlockingStub;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.stub.MetadataUtils;
import java.time.Instant;
import java.util.List;

/**
 * {@link AuthFlow} over gRPC.
 *
 * <p>Make one and keep it: it holds one connection, and any number of threads may call it at the same time. Every call
 * blocks until it is answered, its deadline is over, its thread is interrupted or its {@link io.grpc.Context} is
 * cancelled; {@link #async} does not block. What was refused before anything was done is repeated; after a lost reply only
 * what is safe to repeat.
 */
public final class AuthFlowClient implements AuthFlow, AutoCloseable {
  private static final Metadata.Key<String> API_KEY = Metadata.Key.of("x-api-key", Metadata.ASCII_STRING_MARSHALLER);

  private final Address address;
  private final ManagedChannel connection;
  private final Channel channel;
  private final AuthServiceBlockingStub stub;
  private final AccountServiceBlockingStub accountStub;
  private final SecondFactorServiceBlockingStub secondFactorStub;
  private final AuthFlow blocking;
  private final AuthFlowAsync async;

  AuthFlowClient(
      Address address, String apiKey, ManagedChannel connection, ConnectionFailures failures, Repeats repeats) {
    this.address = address;
    this.connection = connection;
    this.channel = ClientInterceptors.intercept(connection, new BrokenConnections(connection));
    Metadata headers = new Metadata();
    headers.put(API_KEY, apiKey);
    Channel withKey = ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(headers));
    this.stub = AuthServiceGrpc.newBlockingStub(withKey);
    this.accountStub = AccountServiceGrpc.newBlockingStub(withKey);
    this.secondFactorStub = SecondFactorServiceGrpc.newBlockingStub(withKey);
    this.blocking = new BlockingAuthFlow(Visitor.UNKNOWN, new BlockingCalls(withKey, failures, repeats));
    this.async = new AsyncAuthFlow(Visitor.UNKNOWN, new AsyncCalls(withKey, failures, repeats));
  }

  /**
   * Makes a client from the environment: {@code AUTHFLOW_ADDRESS} and {@code AUTHFLOW_API_KEY}.
   *
   * @throws IllegalArgumentException where one of them is missing, or cannot work
   */
  public static AuthFlowClient create() {
    return builder().build();
  }

  /** Begins a client. What is not told is read from the environment, or has a default. */
  public static AuthFlowClientBuilder builder() {
    return new AuthFlowClientBuilder(System::getenv);
  }

  /** The same client without blocking: one connection and one budget of repeats for both. */
  public AuthFlowAsync async() {
    return async;
  }

  @Override
  public Nonce fooBar(String identity) {
    return blocking.fooBar(identity);
  }

  @Override
  public User signUp(String email, String password, String fullName, boolean disclaimed) {
    return blocking.signUp(email, password, fullName, disclaimed);
  }

  @Override
  public Session login(String email, String password) {
    return blocking.login(email, password);
  }

  @Override
  public Session login(String email, String password, String sessionToken) {
    return blocking.login(email, password, sessionToken);
  }

  @Override
  public LoginStep loginStep(String email, String password) {
    return blocking.loginStep(email, password);
  }

  @Override
  public LoginStep loginStep(String email, String password, String sessionToken) {
    return blocking.loginStep(email, password, sessionToken);
  }

  @Override
  public SessionUser validate(String sessionToken) {
    return blocking.validate(sessionToken);
  }

  @Override
  public SessionUser validate(String sessionToken, String email) {
    return blocking.validate(sessionToken, email);
  }

  @Override
  public int changePassword(
      String sessionToken, String email, String newPassword, String currentPassword, String code) {
    return blocking.changePassword(sessionToken, email, newPassword, currentPassword, code);
  }

  @Override
  public void logout(String sessionToken) {
    blocking.logout(sessionToken);
  }

  @Override
  public void logout(String sessionToken, String email) {
    blocking.logout(sessionToken, email);
  }

  @Override
  public Account me(String sessionToken, String email) {
    return blocking.me(sessionToken, email);
  }

  @Override
  public void sendVerificationEmail(String email) {
    blocking.sendVerificationEmail(email);
  }

  @Override
  public VerifiedEmail verifyEmail(String token) {
    return blocking.verifyEmail(token);
  }

  @Override
  public void forgotPassword(String email) {
    blocking.forgotPassword(email);
  }

  @Override
  public PasswordReset resetPassword(String token, String newPassword, String currentPassword) {
    return blocking.resetPassword(token, newPassword, currentPassword);
  }

  @Override
  public Session renewSession(String sessionToken, String email) {
    return blocking.renewSession(sessionToken, email);
  }

  @Override
  public List<MySession> listMySessions(String sessionToken, String email) {
    return blocking.listMySessions(sessionToken, email);
  }

  @Override
  public int endMySessions(String sessionToken, String email, String sessionId) {
    return blocking.endMySessions(sessionToken, email, sessionId);
  }

  @Override
  public Account updateProfile(String sessionToken, String email, String fullName) {
    return blocking.updateProfile(sessionToken, email, fullName);
  }

  @Override
  public void changeEmail(String sessionToken, String email, String newEmail, String currentPassword, String code) {
    blocking.changeEmail(sessionToken, email, newEmail, currentPassword, code);
  }

  @Override
  public int deleteAccount(String sessionToken, String email, String currentPassword, String code) {
    return blocking.deleteAccount(sessionToken, email, currentPassword, code);
  }

  @Override
  public LoginCode sendLoginCode(String email) {
    return blocking.sendLoginCode(email);
  }

  @Override
  public TotpSetup enableTotp(String sessionToken, String email, String currentPassword) {
    return blocking.enableTotp(sessionToken, email, currentPassword);
  }

  @Override
  public TotpSetup enableTotpByChallenge(String challenge) {
    return blocking.enableTotpByChallenge(challenge);
  }

  @Override
  public TotpConfirmation confirmTotp(String sessionToken, String email, String code) {
    return blocking.confirmTotp(sessionToken, email, code);
  }

  @Override
  public TotpConfirmation confirmTotpByChallenge(String challenge, String code) {
    return blocking.confirmTotpByChallenge(challenge, code);
  }

  @Override
  public void disableTotp(String sessionToken, String email, String currentPassword, String code) {
    blocking.disableTotp(sessionToken, email, currentPassword, code);
  }

  @Override
  public List<String> regenerateRecoveryCodes(
      String sessionToken, String email, String currentPassword, String code) {
    return blocking.regenerateRecoveryCodes(sessionToken, email, currentPassword, code);
  }

  @Override
  public LoginStep verifyTotp(String challenge, String code) {
    return blocking.verifyTotp(challenge, code);
  }

  @Override
  public Instant sendEmailCode(String challenge) {
    return blocking.sendEmailCode(challenge);
  }

  @Override
  public LoginStep verifyEmailCode(String challenge, String code) {
    return blocking.verifyEmailCode(challenge, code);
  }

  @Override
  public LoginStep verifyRecoveryCode(String challenge, String recoveryCode) {
    return blocking.verifyRecoveryCode(challenge, recoveryCode);
  }

  @Override
  public AuthFlow withVisitor(Visitor visitor) {
    return blocking.withVisitor(visitor);
  }

  /**
   * The generated stub, on the same connection and with the key, but without the client's deadline and repeats. Its errors
   * are read by {@link AuthFlowException#from}, its replies by {@link User#from} and its like.
   */
  public AuthServiceBlockingStub stub() {
    return stub;
  }

  /** The generated stub of AccountService, which is as the other. */
  public AccountServiceBlockingStub accountStub() {
    return accountStub;
  }

  /** The generated stub of SecondFactorService, which is as the others. */
  public SecondFactorServiceBlockingStub secondFactorStub() {
    return secondFactorStub;
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
}
