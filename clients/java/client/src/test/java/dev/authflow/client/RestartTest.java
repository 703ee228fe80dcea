package dev.authflow.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.authflow.stand.Stand;
import io.grpc.Status.Code;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A server that is restarted under its clients. */
@Timeout(60)
class RestartTest {
  @Test
  void theClientOutlivesTheServer() throws Exception {
    try (AuthFlowClient client = Clients.of(Stand.newOrganization())) {
      Session session = Clients.newSession(client);
      List<AuthFlowException> errors = new ArrayList<>();
      CompletableFuture<Void> stopped =
          CompletableFuture.runAsync(() -> Stand.control("POST", "/restart?down_ms=300"));
      // While the server stops, while it is away, and until it is back.
      for (boolean wasAway = false, isBack = false; !isBack; ) {
        boolean succeeded = validates(client, session, errors);
        wasAway |= stopped.isDone();
        isBack = wasAway && succeeded && canConnect();
      }
      stopped.get(10, TimeUnit.SECONDS);
      errors.forEach(error -> assertEquals(Code.UNAVAILABLE, error.code(), error::toString));
      assertTrue(validates(client, session, errors));
      client.logout(session.token(), session.email());
    }
  }

  @Test
  void theFirstCallAfterAnOutageMakesTheConnectionAnew() throws Exception {
    try (AuthFlowClient client = Clients.of(Stand.newOrganization())) {
      Session session = Clients.newSession(client);
      Stand.control("POST", "/restart?down_ms=600");
      List<AuthFlowException> errors = new ArrayList<>();
      assertFalse(validates(client, session, errors), "the server is away");
      assertEquals(Code.UNAVAILABLE, errors.get(0).code());
      untilItIsBack();
      // This call is not repeated: it must not meet what is left of the broken connection.
      assertEquals(0, client.changePassword(session.token(), "Difference-1822"));
    }
  }

  private static boolean validates(AuthFlowClient client, Session session, List<AuthFlowException> errors) {
    try {
      client.validate(session.token(), session.email());
      return true;
    } catch (AuthFlowException error) {
      errors.add(error);
      return false;
    }
  }

  private static void untilItIsBack() {
    long givenUpAt = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!canConnect()) {
      assertTrue(System.nanoTime() < givenUpAt, "the server never came back");
    }
  }

  private static boolean canConnect() {
    String[] address = Stand.grpc().split(":");
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(address[0], Integer.parseInt(address[1])), 1_000);
      return true;
    } catch (IOException away) {
      return false;
    }
  }
}
