package dev.authflow.spring;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.authflow.stand.Organization;
import dev.authflow.stand.Stand;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the README shows; here, where all that it shows is on the class path. */
@Timeout(60)
class ReadmeTest {
  private static final Pattern PROGRAM = Pattern.compile("^```java\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL);
  private static final Pattern CLASS = Pattern.compile("^class (\\w+)", Pattern.MULTILINE);
  private static final String CLASS_PATH = System.getProperty("java.class.path");

  @TempDir Path folder;

  @Test
  void theRoundTripRuns() throws Exception {
    String printed = printedBy(programs().get(0));
    assertEquals(true, printed.startsWith(Stand.FULL_NAME + " is "), printed);
  }

  @Test
  void theProgramWithoutAServerRuns() throws Exception {
    List<String> programs = programs();
    assertEquals("true [editor]\n503\n", printedBy(programs.get(programs.size() - 1)));
  }

  private String printedBy(String program) throws Exception {
    Organization organization = Stand.newOrganization();
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    ProcessBuilder run = new ProcessBuilder(java.toString(), "-cp", CLASS_PATH, write(program).toString());
    run.environment().put("AUTHFLOW_ADDRESS", Stand.grpc());
    run.environment().put("AUTHFLOW_API_KEY", organization.apiKey());
    Path printed = folder.resolve("printed");
    Process process = run.redirectErrorStream(true).redirectOutput(printed.toFile()).start();
    try {
      assertEquals(true, process.waitFor(50, TimeUnit.SECONDS));
      assertEquals(0, process.exitValue(), () -> read(printed));
      return read(printed);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void everyExampleCompiles() throws Exception {
    List<String> programs = programs();
    assertFalse(programs.isEmpty());
    for (String program : programs) {
      String file = write(program).toString();
      int status =
          ToolProvider.getSystemJavaCompiler()
              .run(null, null, null, "-cp", CLASS_PATH, "-d", folder.toString(), "-proc:none", "-Xlint:all", file);
      assertEquals(0, status, program);
    }
  }

  private static List<String> programs() throws IOException {
    String readme = Files.readString(Path.of("../README.md"));
    return PROGRAM.matcher(readme).results().map(found -> found.group(1)).collect(Collectors.toList());
  }

  private Path write(String program) throws IOException {
    MatchResult name = CLASS.matcher(program).results().findFirst().orElseThrow();
    return Files.writeString(folder.resolve(name.group(1) + ".java"), program);
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8);
    } catch (IOException unreadable) {
      return unreadable.toString();
    }
  }
}
