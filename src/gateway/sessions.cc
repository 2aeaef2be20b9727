#include "gateway/sessions.h"

namespace orchestra {

std::string_view Sessions::model(std::uint64_t session, TimePoint now) {
  const auto found = by_session_.find(session);
  if (found == by_session_.end() || now - found->second->at > options_.kept) return {};
  return found->second->model;
}

void Sessions::stands(std::uint64_t session, const ModelId& model, TimePoint now) {
  if (const auto found = by_session_.find(session); found != by_session_.end()) {
    entries_.splice(entries_.begin(), entries_, found->second);
    entries_.front().at = now;
    if (entries_.front().model != model.text) entries_.front().model = model.text;
    return;
  }
  if (by_session_.size() >= options_.most) {
    by_session_.erase(entries_.back().session);
    entries_.pop_back();
  }
  entries_.push_front({session, model.text, now});
  by_session_.emplace(session, entries_.begin());
}

}  // namespace orchestra
