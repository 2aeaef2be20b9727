#include "app/serve.h"

#include <fmt/format.h>
#include <sys/resource.h>

#include <csignal>
#include <cstdio>

#include "app/orchestra.h"
#include "base/log.h"

namespace orchestra::app {
namespace {

// Each connection is a file descriptor; the soft limit is often 1024.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

int refuse(const Error& error) {
  fmt::print(stderr, "ai-orchestra: {}\n", error.what);
  return error.fault == Fault::kInvalid ? 2 : 1;
}

}  // namespace

int serve(const settings::LoadOptions& load) {
  auto settings = settings::load(load);
  if (!settings) {
    fmt::print(stderr, "{}\n", settings::text(settings.error()));
    return 2;
  }
  if (const auto started = log::start(settings->log.level, settings->log.folder, settings->log.keep_days); !started) {
    return refuse(started.error());
  }
  log_unused(*settings, {});
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on file sizes is met as a full disk, not as death
  raise_descriptor_limit();
  auto orchestra = Orchestra::open(std::move(*settings), load);
  if (!orchestra) return refuse(orchestra.error());
  if (const auto bound = (*orchestra)->listen(); !bound) return refuse(bound.error());
  const auto ended = (*orchestra)->run();
  if (!ended) return refuse(ended.error());
  log::info("Stopped");
  log::flush();
  return 0;
}

}  // namespace orchestra::app
