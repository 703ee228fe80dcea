package dev.authflow.client;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Collectors;

/** What is logged at WARNING by one logger and those below it, which goes to java.util.logging where nothing else is there. */
final class LoggedWarnings extends Handler implements AutoCloseable {
  private final Logger logger;
  private final List<LogRecord> records = new CopyOnWriteArrayList<>();

  LoggedWarnings(String name) {
    logger = Logger.getLogger(name);
    logger.addHandler(this);
    logger.setUseParentHandlers(false);
  }

  List<Throwable> causes() {
    return records.stream().map(LogRecord::getThrown).collect(Collectors.toList());
  }

  @Override
  public void publish(LogRecord logged) {
    if (logged.getLevel() == Level.WARNING) {
      records.add(logged);
    }
  }

  @Override
  public void flush() {}

  @Override
  public void close() {
    logger.setUseParentHandlers(true);
    logger.removeHandler(this);
  }
}
