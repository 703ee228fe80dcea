package dev.authflow.spring;

import dev.authflow.client.AuthFlowFilter;
import dev.authflow.client.SessionUser;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.springframework.core.MethodParameter;
import org.springframework.web.bind.support.WebDataBinderFactory;
import org.springframework.web.context.request.NativeWebRequest;
import org.springframework.web.method.support.HandlerMethodArgumentResolver;
import org.springframework.web.method.support.ModelAndViewContainer;

/** Gives controllers {@code SessionUser}, null where there is none, and {@code Optional<SessionUser>}. */
final class SessionUserResolver implements HandlerMethodArgumentResolver {
  @Override
  public boolean supportsParameter(MethodParameter parameter) {
    boolean isUser = parameter.nestedIfOptional().getNestedParameterType() == SessionUser.class;
    // Who writes @AuthenticationPrincipal or @RequestAttribute is given what that says.
    return isUser && !parameter.hasParameterAnnotations();
  }

  @Override
  public Object resolveArgument(
      MethodParameter parameter, ModelAndViewContainer model, NativeWebRequest request, WebDataBinderFactory binders) {
    Optional<SessionUser> user =
        Optional.ofNullable(request.getNativeRequest(HttpServletRequest.class)).flatMap(AuthFlowFilter::findUser);
    return parameter.isOptional() ? user : user.orElse(null);
  }
}
