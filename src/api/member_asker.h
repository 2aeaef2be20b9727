// Asks models for one request of README 001, each along the line by itself.
#pragma once

#include "api/context.h"
#include "api/inference_body.h"
#include "api/models.h"
#include "gateway/asker.h"
#include "ports/line.h"

namespace orchestra {

struct AskingParts {
  Line& line;
  const Snapshots& snapshots;
  const Clock& clock;
};

// Loop-bound; the references outlive it. Takes caller and x-orchestra fields of the HTTP request for every question;
// each has an id of its own, but for the first of an asker that is given one.
class MemberAsker final : public Asker {
 public:
  MemberAsker(const ApiRequest& request, const AskingParts& parts, const Inference& inference,
              std::optional<RequestId> first = std::nullopt)
      : request_(request), parts_(parts), inference_(inference), first_(first) {}

  // In place of x-orchestra-strategy.
  void choose_by(std::string strategy) { strategy_ = std::move(strategy); }

  // The call of a question, as it would be asked.
  Result<Call> call_for(const Question& question, RequestId id) const;
  Task<Reply> ask(Question question) override;

 private:
  Task<Reply> ask_once(Question question);

  const ApiRequest& request_;
  const AskingParts& parts_;
  const Inference& inference_;
  std::optional<RequestId> first_;
  std::string strategy_;
};

}  // namespace orchestra
