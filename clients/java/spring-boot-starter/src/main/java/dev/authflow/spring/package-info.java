/**
 * The AuthFlow client in Spring Boot: the beans {@link dev.authflow.client.AuthFlow} and
 * {@link dev.authflow.client.AuthFlowAsync}, and, in web applications, what guards requests: a servlet filter, or Spring
 * Security's {@code Authentication} where that is there.
 */
package dev.authflow.spring;
