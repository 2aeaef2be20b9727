#include "store/ledger_queries.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "store/spend_join.h"
#include "store/usage_hours.h"

namespace orchestra {
namespace {

constexpr std::string_view kRequestColumns =
    "boot, loop, sequence, at, tenant, asked, model, task, stream, outcome, status, usage_known, input, output, "
    "cached_input, cache_write, reasoning, audio_input, audio_output, reserve, cost, latency, first_content, decision";
constexpr int kRequestColumnCount = 24;

constexpr std::int64_t kNever = std::int64_t{1} << 62;

// The hour that `at` lies in, or the next one when it is not its start.
std::int64_t hour_from(WallTime at) noexcept {
  const auto micros = std::clamp<std::int64_t>(at.time_since_epoch().count(), 0, kNever);
  return micros / kHourMicros + (micros % kHourMicros != 0 ? 1 : 0);
}
std::int64_t hour_before(WallTime at) noexcept {
  return std::clamp<std::int64_t>(at.time_since_epoch().count(), 0, kNever) / kHourMicros;
}
WallTime start_of(std::int64_t hour) noexcept {
  return WallTime(Micros(hour * kHourMicros));
}

// The smallest text that a request id of that time can have. An id is made when its request comes in; a minute of
// slack covers what lies between the two readings of the clock.
std::string id_bound(WallTime at, Micros slack) {
  const auto micros = std::clamp<std::int64_t>((at.time_since_epoch() + slack).count(), 0, kNever / 8);
  const auto text = std::string(RequestId::make(WallTime(Micros(micros))).text().substr(0, 14));
  return text;
}

constexpr Micros kSlack = std::chrono::minutes(1);

struct Cursor {
  std::string_view id;
  std::array<std::int64_t, 3> key{-1, -1, -1};
};
Cursor split_cursor(std::string_view text) {
  Cursor cursor{.id = text.substr(0, text.find(' '))};
  text.remove_prefix(cursor.id.size());
  for (auto& number : cursor.key) {
    if (text.empty()) break;
    text.remove_prefix(1);
    const auto end = std::from_chars(text.data(), text.data() + text.size(), number).ptr;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  }
  return cursor;
}

}  // namespace

Result<std::unique_ptr<LedgerQueries>> LedgerQueries::open(const std::string& path) {
  TRY(auto database, Database::open(path, Database::Access::kReadOnly));
  std::unique_ptr<LedgerQueries> queries(new LedgerQueries(std::move(database)));
  TRY_VOID(queries->prepare());
  return queries;
}

Result<void> LedgerQueries::prepare() {
  TRY(request_, database_.prepare(fmt::format(
                    "SELECT {} FROM requests WHERE id = ? ORDER BY boot, loop, sequence LIMIT 1", kRequestColumns)));
  TRY(attempts_, database_.prepare("SELECT body FROM attempts WHERE boot = ? AND loop = ? AND sequence = ?"));
  TRY(body_, database_.prepare("SELECT body FROM decision_bodies WHERE hash = ?"));
  TRY(name_, database_.prepare("SELECT text FROM names WHERE number = ?"));
  TRY(hours_, database_.prepare(fmt::format("SELECT hour, tenant, model, outcome, {} FROM usage_hours "
                                            "WHERE hour >= ? AND hour < ?",
                                            kSumColumns)));
  TRY(rows_, database_.prepare("SELECT at, tenant, model, outcome, usage_known, input, output, cached_input, "
                               "cache_write, reasoning, audio_input, audio_output, cost, latency FROM requests "
                               "WHERE id >= ? AND id < ? AND at >= ? AND at < ?"));
  TRY(span_, database_.prepare(
                 fmt::format("SELECT {}, id, body FROM requests LEFT JOIN decision_bodies ON hash = decision "
                             "WHERE (id, boot, loop, sequence) > (?1, ?2, ?3, ?4) AND id < ?5 AND at >= ?6 AND at < ?7 "
                             "AND (?8 IS NULL OR tenant = (SELECT number FROM names WHERE text = ?8)) "
                             "ORDER BY id, boot, loop, sequence LIMIT ?9",
                             kRequestColumns)));
  return {};
}

Result<std::string> LedgerQueries::name(std::int64_t number) {
  if (const auto found = names_.find(number); found != names_.end()) return found->second;
  name_.bind(1, number);
  TRY(const bool row, name_.step());
  std::string text = row ? std::string(name_.text(0)) : std::string();
  name_.reset();
  if (row) names_.emplace(number, text);
  return text;
}

Result<StoredRequest> LedgerQueries::stored_request(const Statement& row) {
  const auto column = [&](int index) { return row.integer(index); };
  StoredRequest stored;
  SpendOpened& opened = stored.opened;
  SpendSettled& settled = stored.settled;
  opened.at = WallTime(Micros(column(3)));
  TRY(opened.tenant, name(column(4)));
  TRY(opened.asked, name(column(5)));
  TRY(settled.model.text, name(column(6)));
  opened.model = settled.model;
  opened.task = static_cast<TaskKind>(column(7));
  settled.stream = column(8) != 0;
  settled.outcome = static_cast<Outcome>(column(9));
  settled.status = static_cast<int>(column(10));
  settled.usage = {.input = Tokens(column(12)),
                   .output = Tokens(column(13)),
                   .cached_input = Tokens(column(14)),
                   .cache_write = Tokens(column(15)),
                   .reasoning = Tokens(column(16)),
                   .audio_input = Tokens(column(17)),
                   .audio_output = Tokens(column(18)),
                   .known = column(11) != 0};
  opened.price_known = !row.is_null(19);
  opened.reserve = MicroUsd(column(19));
  settled.cost_known = !row.is_null(20);
  settled.cost = MicroUsd(column(20));
  settled.latency = Micros(column(21));
  settled.first_content = Micros(column(22));
  return stored;
}

Result<std::optional<StoredRequest>> LedgerQueries::request(RequestId id) {
  TRY(const auto transaction, Transaction::begin_reading(database_));
  request_.bind_text(1, id.text());
  TRY(const bool found, request_.step());
  if (!found) {
    request_.reset();
    return std::nullopt;
  }
  TRY(auto stored, stored_request(request_));
  stored.opened.id = id;
  for (int i = 0; i < 3; ++i) attempts_.bind(i + 1, request_.integer(i));
  body_.bind(1, request_.integer(23));
  request_.reset();
  TRY(const bool has_attempts, attempts_.step());
  if (has_attempts) stored.settled.attempts = attempts_from_json(attempts_.text(0));
  attempts_.reset();
  TRY(const bool has_body, body_.step());
  if (has_body) stored.decision = body_.text(0);
  body_.reset();
  return stored;
}

// `after` is "ID BOOT LOOP SEQUENCE" of the last row of the page before: the whole key, since two rows may share an id.
Result<RequestPage> LedgerQueries::read(const RequestSpan& span, const TakeRequest& take) {
  const auto parts = split_cursor(span.after);
  const auto first = span.after.empty() ? id_bound(span.from, -kSlack) : std::string(parts.id);
  const auto last = id_bound(span.to, kSlack) + "~";
  span_.bind_text(1, first);
  for (int i = 0; i < 3; ++i) span_.bind(i + 2, parts.key[static_cast<std::size_t>(i)]);
  span_.bind_text(5, last);
  span_.bind(6, span.from.time_since_epoch().count());
  span_.bind(7, span.to.time_since_epoch().count());
  if (span.tenant) {
    span_.bind_text(8, *span.tenant);
  } else {
    span_.bind_null(8);
  }
  span_.bind(9, span.most);
  RequestPage page;
  while (true) {
    TRY(const bool row, span_.step());
    if (!row) break;
    TRY(auto stored, stored_request(span_));
    const auto id = span_.text(kRequestColumnCount);
    if (const auto parsed = RequestId::parse(id)) stored.opened.id = *parsed;
    stored.decision = span_.text(kRequestColumnCount + 1);
    if (++page.requests == span.most) {
      page.next = fmt::format("{} {} {} {}", id, span_.integer(0), span_.integer(1), span_.integer(2));
    }
    take(stored);
  }
  span_.reset();
  return page;
}

Result<void> LedgerQueries::add_hours(UsageGrouping& grouping, std::int64_t from_hour, std::int64_t to_hour) {
  hours_.bind(1, from_hour);
  hours_.bind(2, to_hour);
  while (true) {
    TRY(const bool row, hours_.step());
    if (!row) break;
    TRY(const auto tenant, name(hours_.integer(1)));
    TRY(const auto model, name(hours_.integer(2)));
    const auto outcome = static_cast<Outcome>(hours_.integer(3));
    if (auto* sums = grouping.find(start_of(hours_.integer(0)), tenant, {model}, outcome)) {
      sums->add(read_sums(hours_, 4));
    }
  }
  hours_.reset();
  return {};
}

Result<void> LedgerQueries::add_rows(UsageGrouping& grouping, WallTime from, WallTime to) {
  const auto first = id_bound(from, -kSlack);
  const auto last = id_bound(to, kSlack) + "~";  // behind every id of that millisecond
  rows_.bind_text(1, first);
  rows_.bind_text(2, last);
  rows_.bind(3, from.time_since_epoch().count());
  rows_.bind(4, to.time_since_epoch().count());
  const auto column = [&](int index) { return rows_.integer(index); };
  while (true) {
    TRY(const bool row, rows_.step());
    if (!row) break;
    TRY(const auto tenant, name(column(1)));
    TRY(const auto model, name(column(2)));
    const auto outcome = static_cast<Outcome>(column(3));
    const Usage usage{.input = Tokens(column(5)),
                      .output = Tokens(column(6)),
                      .cached_input = Tokens(column(7)),
                      .cache_write = Tokens(column(8)),
                      .reasoning = Tokens(column(9)),
                      .audio_input = Tokens(column(10)),
                      .audio_output = Tokens(column(11)),
                      .known = column(4) != 0};
    if (auto* sums = grouping.find(WallTime(Micros(column(0))), tenant, {model}, outcome)) {
      sums->add_request(outcome, usage, MicroUsd(column(12)), !rows_.is_null(12), Micros(column(13)));
    }
  }
  rows_.reset();
  return {};
}

Result<UsageReport> LedgerQueries::usage(const UsageQuery& query) {
  UsageGrouping grouping(query);
  // One view of the database: a batch that is booked meanwhile shows in the sums and in the rows, or in neither.
  TRY(const auto transaction, Transaction::begin_reading(database_));
  const auto from_hour = hour_from(query.from);
  const auto to_hour = hour_before(query.to);
  if (from_hour >= to_hour) {
    TRY_VOID(add_rows(grouping, query.from, query.to));
    return grouping.report();
  }
  TRY_VOID(add_rows(grouping, query.from, start_of(from_hour)));
  TRY_VOID(add_hours(grouping, from_hour, to_hour));
  TRY_VOID(add_rows(grouping, start_of(to_hour), query.to));
  return grouping.report();
}

}  // namespace orchestra
