package dev.authflow.spring;

import dev.authflow.client.AuthFlowException;
import dev.authflow.client.AuthFlowFilter;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;

/** Answers errors that controllers let through, after any handler of the application's own. */
@ControllerAdvice
@Order(Ordered.LOWEST_PRECEDENCE)
class AuthFlowErrorAdvice {
  private static final Log LOG = LogFactory.getLog(AuthFlowErrorAdvice.class);

  @ExceptionHandler
  void answer(AuthFlowException error, HttpServletResponse response) throws IOException {
    if (error.httpStatus() >= HttpServletResponse.SC_INTERNAL_SERVER_ERROR) {
      LOG.warn("a call to AuthFlow has failed", error);
    }
    AuthFlowFilter.answer(response, error);
  }
}
