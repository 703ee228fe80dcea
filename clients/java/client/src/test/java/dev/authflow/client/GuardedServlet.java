package dev.authflow.client;

import jakarta.servlet.Filter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.LifecycleException;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.util.descriptor.web.FilterDef;
import org.apache.tomcat.util.descriptor.web.FilterMap;

/** A real servlet container on a free port, whose only servlet tells the user behind an {@link AuthFlowFilter}. */
final class GuardedServlet implements AutoCloseable {
  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** Kept, or its level is forgotten with it. */
  private static final Logger CONTAINER = Logger.getLogger("org.apache");

  private final Tomcat tomcat = new Tomcat();

  GuardedServlet(AuthFlowFilter filter) throws IOException, LifecycleException {
    this(filter, () -> {});
  }

  GuardedServlet(AuthFlowFilter filter, Runnable whenCalled) throws IOException, LifecycleException {
    this(whenCalled, filter);
  }

  /** Behind filters, the first the outermost. */
  GuardedServlet(Runnable whenCalled, Filter... filters) throws IOException, LifecycleException {
    CONTAINER.setLevel(Level.SEVERE);
    Path folder = Files.createTempDirectory(Path.of("target"), "tomcat");
    tomcat.setBaseDir(folder.toString());
    tomcat.setPort(0);
    tomcat.getConnector().setProperty("address", "127.0.0.1");
    // One thread for all requests: what one leaves on it, the next would find.
    tomcat.getConnector().setProperty("minSpareThreads", "1");
    tomcat.getConnector().setProperty("maxThreads", "1");
    Context context = tomcat.addContext("", null);
    Tomcat.addServlet(context, "account", new Account(whenCalled)).addMapping("/*");
    for (Filter filter : filters) {
      String name = "filter" + context.findFilterDefs().length;
      FilterDef definition = new FilterDef();
      definition.setFilterName(name);
      definition.setFilter(filter);
      context.addFilterDef(definition);
      FilterMap mapping = new FilterMap();
      mapping.setFilterName(name);
      mapping.addURLPattern("/*");
      context.addFilterMap(mapping);
    }
    tomcat.start();
  }

  /** Sends a request with these authorization headers. */
  HttpResponse<String> get(String... authorizations) throws IOException, InterruptedException {
    HttpRequest.Builder request = request("/account");
    for (String authorization : authorizations) {
      request.header("Authorization", authorization);
    }
    return send(request);
  }

  /** Begins a request to a path. */
  HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + tomcat.getConnector().getLocalPort() + path));
  }

  HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
    return HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
  }

  @Override
  public void close() throws LifecycleException {
    tomcat.stop();
    tomcat.destroy();
  }

  private static final class Account extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient Runnable whenCalled;

    Account(Runnable whenCalled) {
      this.whenCalled = whenCalled;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
      whenCalled.run();
      Optional<SessionUser> found = AuthFlowFilter.findUser(request);
      if (found.isEmpty()) {
        response.getWriter().print("nobody");
        return;
      }
      SessionUser user = found.get();
      response.setHeader("X-Session-Token", AuthFlowFilter.sessionToken(request));
      response.setHeader("X-Principal", request.getUserPrincipal().getName() + " " + request.getRemoteUser());
      response
          .getWriter()
          .print(String.join(" ", user.userId(), user.email(), user.orgId(), user.sessionId(), user.fullName()));
    }
  }
}
