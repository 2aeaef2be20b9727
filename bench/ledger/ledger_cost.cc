// What booking one request costs: CPU time of the whole process (loop, journal thread, checkpoints) per request, at a
// steady rate, and the latency of the two calls on the loop. Prints one JSON object.
//
//   ledger_cost [requests per second, default 40000] [seconds, default 5] [folder, default ./ledger-bench]
#include <fmt/format.h>
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "ledger/decision_json.h"
#include "store/spend_ledger.h"

namespace orchestra {
namespace {

double process_cpu_micros() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

double thread_cpu_micros() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

DecisionPtr decision() {
  Decision decision{.asked = "auto", .rule = "auto"};
  for (int i = 0; i < 4; ++i) {
    decision.considered.push_back({{"openai/gpt-4o-mini"}, "chosen", "It is healthy and the cheapest that fits.", 1.0});
    decision.plan.order.push_back({.model = {"openai/gpt-4o-mini"}, .reserve = MicroUsd(900), .price_known = true});
  }
  return std::make_shared<const Decision>(std::move(decision));
}

struct Cost {
  std::int64_t requests = 0, refused = 0;
  double process_micros = 0, loop_micros = 0;
  std::vector<double> open_micros, settle_micros;
};

double percentile(std::vector<double>& values, double q) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

// The loop opens and settles in bursts of one millisecond, a thousand times a second.
Cost measure(SpendLedger& ledger, const Clock& clock, int rate, int seconds) {
  Cost cost;
  SpendOpened opened{.tenant = "acme",
                     .asked = "auto",
                     .model = {"openai/gpt-4o-mini"},
                     .reserve = MicroUsd(900),
                     .price_known = true};
  SpendSettled settled;
  settled.model = {"openai/gpt-4o-mini"};
  settled.usage = {.input = Tokens(812), .output = Tokens(200), .cached_input = Tokens(100), .known = true};
  settled.cost = MicroUsd(270);
  settled.cost_known = true;
  settled.decision = decision();
  settled.attempts = {{.outcome = "answered"}};
  Journal& journal = ledger.journal(0);
  std::vector<SpendOpened> burst(static_cast<std::size_t>(rate / 1000), opened);
  const double process_start = process_cpu_micros();
  const double loop_start = thread_cpu_micros();
  for (int tick = 0; tick < seconds * 1000; ++tick) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(1);
    for (auto& request : burst) {
      request.at = clock.wall();
      request.id = RequestId::make(request.at);
    }
    const double burst_start = thread_cpu_micros();
    const bool timed = tick % 16 == 0;
    for (const auto& request : burst) {
      const auto start = timed ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point();
      const auto ticket = journal.open(request);
      if (timed)
        cost.open_micros.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count());
      if (!ticket) {
        ++cost.refused;
        continue;
      }
      settled.latency = Micros(100'000 + tick);
      const auto middle = timed ? std::chrono::steady_clock::now() : std::chrono::steady_clock::time_point();
      journal.settle(*ticket, settled);
      if (timed)
        cost.settle_micros.push_back(
            std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - middle).count());
      ++cost.requests;
    }
    cost.loop_micros += thread_cpu_micros() - burst_start;
    std::this_thread::sleep_until(until);
  }
  // What this program spends on itself (clocks, ids, sleeping) does not count.
  const double own_micros = thread_cpu_micros() - loop_start - cost.loop_micros;
  static_cast<void>(ledger.close());
  cost.process_micros = process_cpu_micros() - process_start - own_micros;
  return cost;
}

int run(int rate, int seconds, const std::string& folder) {
  static const SystemClock clock;
  auto ledger = SpendLedger::open({.data_dir = folder, .clock = clock, .encode_decision = decision_to_json});
  if (!ledger) {
    fmt::print(stderr, "{}\n", ledger.error().what);
    return 1;
  }
  Cost cost = measure(**ledger, clock, rate, seconds);
  const auto requests = static_cast<double>(std::max<std::int64_t>(1, cost.requests));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print(
      "{{\"requests\":{},\"refused\":{},\"cpu_us_per_request\":{:.3f},\"loop_us_per_request\":{:.3f},"
      "\"journal_thread_us_per_request\":{:.3f},\"open_p50_us\":{:.2f},\"open_p99_us\":{:.2f},"
      "\"settle_p50_us\":{:.2f},\"settle_p99_us\":{:.2f},\"max_rss_mib\":{:.1f}}}\n",
      cost.requests, cost.refused, cost.process_micros / requests, cost.loop_micros / requests,
      (cost.process_micros - cost.loop_micros) / requests, percentile(cost.open_micros, 0.5),
      percentile(cost.open_micros, 0.99), percentile(cost.settle_micros, 0.5), percentile(cost.settle_micros, 0.99),
      static_cast<double>(usage.ru_maxrss) / 1024.0);
  return cost.refused == 0 ? 0 : 1;
}

}  // namespace
}  // namespace orchestra

int main(int argc, char** argv) {
  const int rate = argc > 1 ? std::atoi(argv[1]) : 40'000;
  const int seconds = argc > 2 ? std::atoi(argv[2]) : 5;
  const std::string folder = argc > 3 ? argv[3] : "ledger-bench";
  std::filesystem::remove_all(folder);
  const int code = orchestra::run(std::max(1000, rate), std::max(1, seconds), folder);
  std::filesystem::remove_all(folder);
  return code;
}
