"""The export engine: volume, request, plan, run, runner, watcher, receipt, in one straight line."""
