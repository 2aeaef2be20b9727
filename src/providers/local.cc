#include "providers/local.h"

namespace orchestra {

LocalProvider::LocalProvider(HttpClient& client, const Clock& clock, Workers& workers)
    : client_(client), clock_(clock), workers_(workers) {
  service_.name = kName;
  service_.base_path = "/v1";
}

Task<std::unique_ptr<Stream>> LocalProvider::open(const Attempt& attempt) {
  const ModelId& model = attempt.candidate.model;
  const TimePoint asked = clock_.now();
  std::optional<Lease> lease = workers_.try_lease(model);
  if (!lease) {
    CO_TRY(Lease loaded, co_await workers_.lease(model, attempt.deadline));
    lease.emplace(std::move(loaded));
  }
  // Loading has its own progress and its own limit: the wait for the first content starts when the worker is ready.
  Attempt ready = attempt;
  ready.first_content_by += clock_.now() - asked;
  co_return co_await open_upstream(client_, clock_, service_, ready, model.name(), std::move(lease));
}

}  // namespace orchestra
