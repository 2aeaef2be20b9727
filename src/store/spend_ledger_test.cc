#include "store/spend_ledger.h"

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <set>
#include <thread>

#include "store/sqlite.h"
#include "store/test_records.h"

namespace orchestra {
namespace {

using testing::answered;
using testing::opened_at;
using testing::run;
using testing::TemporaryFolder;

std::string spell(const Decision& decision) {
  return "{\"asked\":\"" + decision.asked + "\",\"rule\":\"" + decision.rule + "\"}";
}

// A test writes faster than any network: it may have to wait until the journal thread has made the next segment.
JournalTicket admitted(Journal& journal, const SpendOpened& opened) {
  while (true) {
    if (const auto ticket = journal.open(opened)) return *ticket;
    std::this_thread::yield();
  }
}

class SpendLedgerTest : public ::testing::Test {
 protected:
  SpendLedger::Options options(int loops = 1) {
    return {.data_dir = folder_.path(),
            .loops = loops,
            .clock = clock_,
            .encode_decision = spell,
            .segment_bytes = 64U << 10};
  }
  std::unique_ptr<SpendLedger> open(int loops = 1) {
    auto ledger = SpendLedger::open(options(loops));
    EXPECT_TRUE(ledger.has_value()) << ledger.error().what;
    return std::move(*ledger);
  }
  UsageReport everything(SpendLedger& ledger) {
    auto report = run(ledger.store().usage({.from = WallTime{}, .to = clock_.wall() + std::chrono::hours(24 * 365)}));
    EXPECT_TRUE(report.has_value());
    return std::move(*report);
  }
  std::int64_t count(const std::string& sql) {
    auto database = Database::open(folder_.path() + "/ledger.db", Database::Access::kReadOnly);
    auto statement = database->prepare(sql);
    EXPECT_TRUE(statement.has_value()) << statement.error().what;
    EXPECT_TRUE(*statement->step());
    return statement->integer(0);
  }
  std::size_t journal_files() const {
    std::size_t files = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder_.path() + "/journal")) {
      files += entry.path().extension() == ".wal" ? 1 : 0;
    }
    return files;
  }

  TemporaryFolder folder_;
  FakeClock clock_;
};

TEST_F(SpendLedgerTest, AnswersForARequestThatSettledAMomentAgo) {
  auto ledger = open();
  const auto opened = opened_at(clock_.wall());
  auto settled = answered();
  settled.decision = std::make_shared<const Decision>(Decision{.asked = "fast", .rule = "alias fast"});
  const auto ticket = ledger->journal(0).open(opened);
  ASSERT_TRUE(ticket.has_value());
  EXPECT_FALSE(run(ledger->store().request(opened.id))->has_value());
  ledger->journal(0).settle(*ticket, settled);
  const auto stored = run(ledger->store().request(opened.id));
  ASSERT_TRUE(stored.has_value()) << stored.error().what;
  ASSERT_TRUE(stored->has_value());
  const StoredRequest& request = **stored;
  EXPECT_EQ(request.opened.id, opened.id);
  EXPECT_EQ(request.opened.at, opened.at);
  EXPECT_EQ(request.opened.tenant, "acme");
  EXPECT_EQ(request.opened.asked, "fast");
  EXPECT_EQ(request.opened.reserve, MicroUsd(900));
  EXPECT_EQ(request.settled.model.text, "openai/gpt-4o-mini");
  EXPECT_EQ(request.settled.cost, MicroUsd(270));
  EXPECT_TRUE(request.settled.cost_known);
  EXPECT_EQ(request.settled.usage.cached_input, Tokens(300));
  EXPECT_EQ(request.settled.latency, Micros(812'000));
  EXPECT_TRUE(request.settled.attempts.empty()) << "an answer at the first attempt needs no record of it";
  EXPECT_EQ(request.decision, R"({"asked":"fast","rule":"alias fast"})");
}

TEST_F(SpendLedgerTest, KeepsTheAttemptsOfARequestThatWasTriedAgain) {
  auto ledger = open();
  const auto opened = opened_at(clock_.wall());
  auto settled = answered();
  settled.attempts = {
      {.candidate = 0, .started = Micros(80), .took = Micros(5000), .outcome = "timeout", .what = "Slow."},
      {.candidate = 1, .started = Micros(5100), .took = Micros(9000), .outcome = "answered"}};
  ledger->journal(0).settle(admitted(ledger->journal(0), opened), settled);
  const auto stored = run(ledger->store().request(opened.id));
  ASSERT_EQ((*stored)->settled.attempts.size(), 2U);
  EXPECT_EQ((*stored)->settled.attempts[0].what, "Slow.");
  EXPECT_EQ((*stored)->settled.attempts[1].candidate, 1U);
  EXPECT_EQ((*stored)->settled.attempts[1].took, Micros(9000));
}

TEST_F(SpendLedgerTest, StoresAnEqualDecisionOnce) {
  {
    auto ledger = open(2);
    for (int i = 0; i < 200; ++i) {
      auto settled = answered();
      settled.decision = std::make_shared<const Decision>(Decision{.asked = i % 2 == 0 ? "fast" : "good"});
      ledger->journal(i % 2).settle(admitted(ledger->journal(i % 2), opened_at(clock_.wall())), settled);
    }
  }
  EXPECT_EQ(count("SELECT count(*) FROM requests"), 200);
  EXPECT_EQ(count("SELECT count(*) FROM decision_bodies"), 2);
  EXPECT_EQ(count("SELECT count(*) FROM requests r JOIN decision_bodies b ON b.hash = r.decision"), 200);
}

TEST_F(SpendLedgerTest, BooksWhatWasNeverSettledAtItsReservation) {
  RequestId running;
  {
    auto ledger = open();
    auto& journal = ledger->journal(0);
    auto opened = opened_at(clock_.wall());
    running = opened.id;
    ASSERT_TRUE(journal.open(opened).has_value());
    // Many segments later it still runs: its own one is long deleted.
    for (int i = 0; i < 3000; ++i) journal.settle(admitted(journal, opened_at(clock_.wall())), answered());
    ASSERT_TRUE(ledger->close().has_value());
    EXPECT_EQ(journal_files(), 0U);
  }
  auto ledger = open();
  EXPECT_EQ(ledger->replayed().interrupted, 1);
  const auto stored = run(ledger->store().request(running));
  ASSERT_TRUE(stored->has_value());
  EXPECT_EQ((*stored)->settled.outcome, Outcome::kInterrupted);
  EXPECT_EQ((*stored)->settled.cost, MicroUsd(900));
  const auto report = everything(*ledger);
  EXPECT_EQ(report.total.requests, 3001);
  EXPECT_EQ(report.total.cost, MicroUsd(3000 * 270 + 900));
  ledger.reset();
  EXPECT_EQ(open()->replayed().interrupted, 0) << "it is booked once";
}

TEST_F(SpendLedgerTest, AnUnknownPriceStaysUnknown) {
  auto ledger = open();
  auto opened = opened_at(clock_.wall());
  opened.price_known = false;
  auto settled = answered();
  settled.cost_known = false;
  ledger->journal(0).settle(admitted(ledger->journal(0), opened), settled);
  const auto report = everything(*ledger);
  EXPECT_EQ(report.total.unknown_cost_requests, 1);
  EXPECT_EQ(report.total.cost, MicroUsd(0));
  EXPECT_FALSE((*run(ledger->store().request(opened.id)))->settled.cost_known);
}

TEST_F(SpendLedgerTest, RefusesASecondServerOnTheSameFolder) {
  auto ledger = open();
  const auto second = SpendLedger::open(options());
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().fault, Fault::kConflict);
  EXPECT_NE(second.error().what.find("--data-dir"), std::string::npos);
}

TEST_F(SpendLedgerTest, GroupsAndFilters) {
  auto ledger = open();
  auto& journal = ledger->journal(0);
  const auto start = clock_.wall();  // 10:00; the days below end in hours that are only partly asked for
  for (int i = 0; i < 48; ++i) {
    auto opened = opened_at(start + std::chrono::minutes(90) * i);
    opened.tenant = i % 3 == 0 ? "acme" : "umbrella";
    auto settled = answered();
    settled.model = {i % 2 == 0 ? "openai/gpt-4o-mini" : "anthropic/claude-haiku"};
    settled.outcome = i == 7 ? Outcome::kFailed : Outcome::kAnswered;
    settled.latency = Micros((i + 1) * 10'000);
    journal.settle(admitted(journal, opened), settled);
  }
  UsageQuery query{.from = start, .to = start + std::chrono::hours(72), .group_by = {UsageGroup::kDay}};
  const auto by_day = *run(ledger->store().usage(query));
  ASSERT_EQ(by_day.rows.size(), 4U);
  EXPECT_EQ(by_day.rows[0].day, "2026-01-02");
  EXPECT_EQ(by_day.rows[0].sums.requests, 10);  // 10:00, 11:30, ... 23:30
  EXPECT_EQ(by_day.total.requests, 48);
  EXPECT_NEAR(static_cast<double>(by_day.total.latency.quantile(0.5)->count()), 240'000, 24'000);

  // The edges lie inside hours: rows and hourly sums must meet without a gap or an overlap.
  query = {.from = start + std::chrono::minutes(30),
           .to = start + std::chrono::minutes(90) * 10 + Micros(1),
           .group_by = {UsageGroup::kProvider, UsageGroup::kOutcome}};
  const auto by_provider = *run(ledger->store().usage(query));
  ASSERT_EQ(by_provider.rows.size(), 3U);
  EXPECT_EQ(by_provider.rows[0].provider, "anthropic");
  EXPECT_EQ(by_provider.rows[0].outcome, Outcome::kAnswered);
  EXPECT_EQ(by_provider.rows[0].sums.requests, 4);
  EXPECT_EQ(by_provider.rows[1].outcome, Outcome::kFailed);
  EXPECT_EQ(by_provider.rows[1].sums.requests, 1);
  EXPECT_EQ(by_provider.rows[2].sums.requests, 5);

  query = {.from = start, .to = start + std::chrono::hours(72), .group_by = {}, .tenant = "acme"};
  EXPECT_EQ(run(ledger->store().usage(query))->total.requests, 16);
  query = {.from = start, .to = start + std::chrono::hours(72), .group_by = {}, .model = "openai/gpt-4o-mini"};
  EXPECT_EQ(run(ledger->store().usage(query))->total.requests, 24);
  query = {.from = start, .to = start, .group_by = {}};
  EXPECT_EQ(run(ledger->store().usage(query))->total.requests, 0);
}

TEST_F(SpendLedgerTest, ManyLoopsWriteWhileQueriesRead) {
  auto ledger = open(3);
  std::vector<std::thread> loops;
  for (int loop = 0; loop < 3; ++loop) {
    loops.emplace_back([&, loop] {
      auto& journal = ledger->journal(loop);
      std::vector<JournalTicket> running;
      for (int i = 0; i < 4000; ++i) {
        auto ticket = journal.open(opened_at(clock_.wall()));
        // The thread may be slower than this loop: then a request is refused, which is right.
        if (ticket) running.push_back(*ticket);
        if (running.size() > 20) {
          journal.settle(running[static_cast<std::size_t>(i) % running.size()], answered());
          running.erase(running.begin() + static_cast<std::ptrdiff_t>(static_cast<std::size_t>(i) % running.size()));
        }
      }
      for (const auto ticket : running) journal.settle(ticket, answered());
    });
  }
  for (int i = 0; i < 20; ++i) EXPECT_GE(everything(*ledger).total.requests, 0);
  for (auto& loop : loops) loop.join();
  const auto stats = ledger->stats();
  EXPECT_EQ(everything(*ledger).total.requests, 12'000 - static_cast<std::int64_t>(stats.refused));
  EXPECT_EQ(stats.lost_settlements, 0U);
  ledger.reset();
  EXPECT_EQ(count("SELECT count(*) FROM requests"), 12'000 - static_cast<std::int64_t>(stats.refused));
  EXPECT_EQ(count("SELECT sum(requests) FROM usage_hours"), 12'000 - static_cast<std::int64_t>(stats.refused));
  EXPECT_EQ(count("SELECT count(*) FROM open_requests"), 0);
}

TEST_F(SpendLedgerTest, PowerDurabilityWaitsForTheDisk) {
  auto power = options();
  power.durability = Durability::kPower;
  auto ledger = SpendLedger::open(power);
  ASSERT_TRUE(ledger.has_value());
  auto& journal = (*ledger)->journal(0);
  EXPECT_TRUE(journal.waits_for_disk());
  journal.settle(admitted(journal, opened_at(clock_.wall())), answered());
  EXPECT_TRUE(run(journal.synced()).has_value());
}

// Writes at full speed and reports each acknowledged request through the pipe, until it is killed.
[[noreturn]] void write_until_killed(const SpendLedger::Options& options, int pipe) {
  auto ledger = SpendLedger::open(options);
  if (!ledger) _exit(3);
  const SystemClock clock;
  auto decision = std::make_shared<const Decision>(Decision{.asked = "fast"});
  std::vector<std::pair<JournalTicket, RequestId>> running;
  for (std::size_t i = 0;; ++i) {
    auto& journal = (*ledger)->journal(static_cast<int>(i % 2));
    const auto opened = opened_at(clock.wall());
    const auto ticket = journal.open(opened);
    if (!ticket) continue;
    if (i % 1000 == 0) {  // stays open until the end
      if (::write(pipe, ("i" + std::string(opened.id.text())).data(), 31) != 31) _exit(4);
      continue;
    }
    auto settled = answered();
    settled.decision = decision;
    journal.settle(*ticket, settled);
    if (::write(pipe, ("a" + std::string(opened.id.text())).data(), 31) != 31) _exit(4);
  }
}

TEST_F(SpendLedgerTest, EveryAcknowledgedRequestIsBookedOnceOver50Kills) {
  std::set<std::string> acknowledged, interrupted;
  std::size_t messages = 0;
  for (int round = 0; round < 50; ++round) {
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const pid_t child = ::fork();
    if (child == 0) write_until_killed(options(2), ends[1]);
    ::close(ends[1]);
    // Killed at a different point each time, while it writes: after so many messages.
    const std::size_t enough = 200 + static_cast<std::size_t>(round) * 137;
    std::string text;
    char buffer[31 * 100];
    bool killed = false;
    ssize_t got = 0;
    while ((got = ::read(ends[0], buffer, sizeof buffer)) > 0) {
      text.append(buffer, static_cast<std::size_t>(got));
      if (!killed && text.size() / 31 >= enough) {
        ::kill(child, SIGKILL);
        killed = true;
      }
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "the child ended by itself with " << WEXITSTATUS(status);
    for (std::size_t at = 0; at + 31 <= text.size(); at += 31) {
      (text[at] == 'a' ? acknowledged : interrupted).insert(text.substr(at + 1, 30));
      ++messages;
    }
  }
  auto ledger = open();
  const auto report = everything(*ledger);
  ledger.reset();
  EXPECT_EQ(messages, acknowledged.size() + interrupted.size());

  auto database = Database::open(folder_.path() + "/ledger.db", Database::Access::kReadOnly);
  auto rows = database->prepare("SELECT id, outcome, cost, decision FROM requests");
  std::size_t found_acknowledged = 0, found_interrupted = 0, total = 0, unacknowledged = 0;
  std::set<std::string> seen;
  while (*rows->step()) {
    ++total;
    const std::string id(rows->text(0));
    EXPECT_TRUE(seen.insert(id).second) << id << " is booked twice";
    const auto outcome = static_cast<Outcome>(rows->integer(1));
    if (acknowledged.contains(id)) {
      ++found_acknowledged;
      EXPECT_EQ(outcome, Outcome::kAnswered);
      EXPECT_EQ(rows->integer(2), 270);
    } else if (interrupted.contains(id)) {
      ++found_interrupted;
      EXPECT_EQ(outcome, Outcome::kInterrupted);
      EXPECT_EQ(rows->integer(2), 900);
    } else {
      ++unacknowledged;  // killed between the journal's write and the pipe's: at most one per life
    }
  }
  EXPECT_EQ(found_acknowledged, acknowledged.size());
  EXPECT_EQ(found_interrupted, interrupted.size());
  EXPECT_LE(unacknowledged, 50U);
  EXPECT_EQ(report.total.requests, static_cast<std::int64_t>(total));
  EXPECT_EQ(count("SELECT sum(requests) FROM usage_hours"), static_cast<std::int64_t>(total));
  EXPECT_EQ(count("SELECT count(*) FROM requests r LEFT JOIN decision_bodies b ON b.hash = r.decision "
                  "WHERE r.outcome = 0 AND b.hash IS NULL"),
            0);
  EXPECT_EQ(journal_files(), 0U);
  RecordProperty("acknowledged", static_cast<int>(acknowledged.size()));
  RecordProperty("interrupted", static_cast<int>(interrupted.size()));
}

}  // namespace
}  // namespace orchestra
