#include "settings/sections.h"

#include "settings/routes.h"

namespace orchestra::settings {
namespace {

constexpr Micros kMillisecond = std::chrono::milliseconds(1);
constexpr Micros kDay = std::chrono::hours(24);

}  // namespace

void read_timeouts(Section& owner, std::string_view key, Timeouts& timeouts) {
  Section section = owner.section(key);
  section.duration("connect", timeouts.connect, kMillisecond, kDay);
  section.duration("first_content", timeouts.first_content, kMillisecond, kDay);
  section.duration("idle", timeouts.idle, kMillisecond, kDay);
  section.duration("total", timeouts.total, kMillisecond, kDay);
  section.finish();
}

void read_routing(Section& root, Settings& settings) {
  Routing& out = settings.routing;
  Section routing = root.section("routing");
  read_timeouts(routing, "timeouts", out.timeouts);
  routing.number("max_attempts", out.max_attempts, 1, 20);
  routing.number("attempts_per_candidate", out.attempts_per_candidate, 1, 10);
  routing.number("retry_budget_percent", out.retry_budget_percent, 0, 100);
  routing.duration("hedge_after", out.hedge_after, Micros(0), kDay);
  routing.number("hedge_budget_percent", out.hedge_budget_percent, 0, 100);
  routing.duration("cloud_while_loading", out.cloud_while_loading, Micros(0), kDay);
  Section breaker = routing.section("breaker");
  breaker.number("failures", out.breaker.failures, 1, 1000);
  breaker.duration("reset", out.breaker.reset, kMillisecond, kDay);
  breaker.number("half_open", out.breaker.half_open, 1, 1000);
  breaker.finish();
  routing.finish();
  read_aliases(root.section("aliases"), settings.aliases);
}

void read_records(Section& root, Settings& settings) {
  Section learning = root.section("learning");
  learning.number("outcomes", settings.learning.outcomes, 0, 1'000'000);
  learning.duration("refit_every", settings.learning.refit_every, std::chrono::seconds(1), 30 * kDay);
  learning.finish();
  Section journal = root.section("journal");
  journal.choice<Durability>("durability", settings.journal.durability,
                             {{"process", Durability::kProcess}, {"power", Durability::kPower}});
  journal.size("segment", settings.journal.segment, kibibytes(64), mebibytes(1024));
  journal.finish();
  Section logging = root.section("log");
  logging.choice<log::Level>("level", settings.log.level,
                             {{"debug", log::Level::kDebug},
                              {"info", log::Level::kInfo},
                              {"warning", log::Level::kWarning},
                              {"error", log::Level::kError}});
  logging.text("folder", settings.log.folder);
  logging.number("keep_days", settings.log.keep_days, 1, 3650);
  logging.finish();
  root.text("data_dir", settings.data_dir);
  root.choice<Environment>("environment", settings.environment,
                           {{"development", Environment::kDevelopment},
                            {"testing", Environment::kTesting},
                            {"staging", Environment::kStaging},
                            {"production", Environment::kProduction}});
}

}  // namespace orchestra::settings
