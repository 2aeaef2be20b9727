#include "app/registry_service.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <set>

#include "base/log.h"

namespace orchestra::app {

namespace asio = boost::asio;

namespace {

RecordsPtr records_of(std::vector<ModelRecord>& stored) {
  std::vector<RecordPtr> records;
  records.reserve(stored.size());
  for (ModelRecord& record : stored) records.push_back(std::make_shared<const ModelRecord>(std::move(record)));
  return std::make_shared<const Records>(std::move(records));
}

std::string_view id_of(const RecordChange& change) {
  return std::visit(
      [](const auto& one) -> std::string_view {
        if constexpr (requires { one.fields; }) {
          return one.fields.id.text;
        } else {
          return one.id.text;
        }
      },
      change);
}

}  // namespace

struct RegistryService::Question {
  Question(RecordChange asked, Executor loop) : change(std::move(asked)), box(std::move(loop)) {}
  RecordChange change;
  Letterbox<RecordPtr> box;
};

// Changes that are applied together: one transaction, one catalogue.
struct RegistryService::Batch {
  RecordsPtr records;
  std::set<std::string, std::less<>> touched;
  std::vector<std::pair<std::shared_ptr<Question>, RecordPtr>> done;
};

RegistryService::RegistryService(asio::io_context& control, RegistryStore& store, const Clock& clock, Hooks hooks,
                                 RegistryContents contents, Options options)
    : control_(control),
      store_(store),
      clock_(clock),
      hooks_(std::move(hooks)),
      options_(options),
      records_(records_of(contents.records)),
      performance_(options.performance),
      catalogue_(std::make_shared<const Catalogue>()),
      view_due_(clock.now()),
      save_due_(clock.now() + options.save_every) {
  performance_.load(contents.performance);
}

RegistryService::~RegistryService() = default;

Task<RecordPtr> RegistryService::change(RecordChange change) {
  const auto question = std::make_shared<Question>(std::move(change), co_await this_loop());
  asio::post(control_, [this, question] {
    if (closed_) return answer(question, fail(Fault::kUnavailable, "The server is stopping."));
    queue_.push_back(question);
    if (std::exchange(working_, true)) return;
    asio::co_spawn(control_.get_executor(), work(), [](std::exception_ptr, const Result<void>&) {});
  });
  co_return co_await question->box.wait("The change of the registry was cancelled.");
}

void RegistryService::answer(const std::shared_ptr<Question>& question, Result<RecordPtr> answer) {
  if (question->box.gone()) return;
  asio::post(question->box.loop(),
             [question, answer = std::move(answer)]() mutable { question->box.put(std::move(answer)); });
}

RegistryService::Batch RegistryService::take_batch() {
  Batch batch{.records = records_, .touched = {}, .done = {}};
  for (const auto& question : std::exchange(queue_, {})) {
    auto changed = apply(batch.records, question->change, clock_.wall());
    if (!changed) {
      answer(question, fail(changed.error()));
      continue;
    }
    batch.records = changed->records;
    batch.touched.emplace(id_of(question->change));
    batch.done.emplace_back(question, changed->record);
  }
  return batch;
}

Task<void> RegistryService::save(const Batch& batch) {
  std::vector<ModelRecord> kept;
  std::vector<ModelId> removed;
  for (const std::string& id : batch.touched) {
    if (const ModelRecord* record = batch.records->find(id)) {
      kept.push_back(*record);
    } else {
      removed.push_back({id});
    }
  }
  return store_.save(std::move(kept), std::move(removed));
}

Task<void> RegistryService::work() {
  while (!queue_.empty()) {
    const Batch batch = take_batch();
    if (batch.done.empty()) continue;
    const auto saved = co_await save(batch);
    if (saved) {
      records_ = batch.records;
      hooks_.records(records_);
    } else {
      log::error("The registry could not be saved: {}", saved.error().what);
    }
    for (const auto& [question, record] : batch.done) {
      answer(question, saved ? Result<RecordPtr>(record) : Result<RecordPtr>(fail(saved.error())));
    }
  }
  working_ = false;
  co_return Result<void>();
}

void RegistryService::note(const std::vector<OutcomeFact>& facts) {
  for (const OutcomeFact& fact : facts) performance_.note(fact);
  viewed_ = viewed_ && facts.empty();
}

PerformanceViewPtr RegistryService::set_catalogue(CataloguePtr catalogue) {
  catalogue_ = std::move(catalogue);
  viewed_ = true;
  return performance_.view(*catalogue_, clock_.wall());
}

void RegistryService::tick() {
  const TimePoint now = clock_.now();
  if (!viewed_ && now >= view_due_) {
    view_due_ = now + options_.view_every;
    viewed_ = true;
    hooks_.expect(performance_.view(*catalogue_, clock_.wall()));
  }
  if (now < save_due_ || saving_ || !performance_.has_changes()) return;
  save_due_ = now + options_.save_every;
  asio::co_spawn(control_.get_executor(), save_performance(), [](std::exception_ptr, const Result<void>&) {});
}

Task<void> RegistryService::save_performance() {
  saving_ = true;
  auto changes = performance_.take_changes();
  const auto saved = co_await store_.save_performance(changes.rows, changes.forgotten);
  saving_ = false;
  if (saved) co_return Result<void>();
  performance_.put_back(std::move(changes));
  log::warning("Measured figures could not be saved and are tried again: {}", saved.error().what);
  co_return fail(saved.error());
}

Task<void> RegistryService::close() {
  closed_ = true;
  while (working_ || saving_) CO_TRY_VOID(co_await sleep_until(std::chrono::steady_clock::now() + Millis(1)));
  if (performance_.has_changes()) co_return co_await save_performance();
  co_return Result<void>();
}

}  // namespace orchestra::app
