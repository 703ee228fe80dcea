package guard

import (
	"context"
	"errors"
	"log/slog"
)

// LogCause tells the log what a visitor is not told. Calls that were canceled are no fault: their visitors have gone.
func LogCause(ctx context.Context, cause error) {
	if !errors.Is(cause, context.Canceled) {
		slog.WarnContext(ctx, "authflow: a request cannot be answered", "error", cause)
	}
}
