#include "api/member_asker.h"

#include <algorithm>

#include "api/ask.h"
#include "api/chat_body.h"

namespace orchestra {

namespace {

// What the caller allows holds beside what the question does.
void restrict_providers(const Question& question, Call& call) {
  if (question.only.empty() && !question.remote) return;
  Demand& demand = call.wishes();
  if (question.remote) demand.deny.emplace_back("local");
  if (question.only.empty()) return;
  const bool allowed = demand.allow.empty() || std::ranges::find(demand.allow, question.only) != demand.allow.end();
  if (!allowed) demand.deny.push_back(question.only);
  demand.allow = {question.only};
}

}  // namespace

Result<Call> MemberAsker::call_for(const Question& question, RequestId id) const {
  TRY(auto call, make_call(request_, id, TaskKind::kChat, chat_body(inference_, question)));
  if (!strategy_.empty()) call.wishes().strategy = strategy_;
  if (inference_.weights) call.wishes().weights = inference_.weights;
  restrict_providers(question, call);
  if (question.limit && call.deadline) {
    call.deadline = std::min(*call.deadline, *question.limit);
  } else if (question.limit) {
    call.bound(*question.limit);
  }
  return call;
}

Task<Reply> MemberAsker::ask(Question question) {
  CO_TRY(auto reply, co_await ask_once(question));
  // Some models refuse to tell probabilities; an answer without them is better than none.
  const bool refused =
      reply.error && (reply.error->fault == Fault::kInvalid || reply.error->fault == Fault::kUnprocessable);
  if (!question.probabilities || !refused) co_return reply;
  question.probabilities = false;
  if (question.limit) question.limit = std::max(*question.limit - reply.took, Micros(1));
  co_return co_await ask_once(std::move(question));
}

Task<Reply> MemberAsker::ask_once(Question question) {
  Reply reply{.id = first_ ? *std::exchange(first_, std::nullopt) : RequestId::make(parts_.clock.wall()),
              .model = question.model};
  const auto call = call_for(question, reply.id);
  if (!call) {
    reply.error = call.error();
    co_return reply;
  }
  const TimePoint began = parts_.clock.now();
  auto asked = co_await orchestra::ask(parts_.line, *call, parts_.clock);
  reply.took = std::chrono::duration_cast<Micros>(parts_.clock.now() - began);
  if (!asked || asked->error) {
    reply.error = asked ? std::move(*asked->error) : std::move(asked.error());
    co_return reply;
  }
  reply.model = asked->field("x-orchestra-model");
  if (!question.probabilities) reply.dropped = asked->field("x-orchestra-dropped");
  auto answer = read_answer(asked->response.body);
  if (!answer) {
    reply.error = std::move(answer.error());
    co_return reply;
  }
  reply.text = std::move(answer->text);
  reply.finish_reason = std::move(answer->finish_reason);
  reply.tokens = answer->completion_tokens;
  reply.confidence = answer->confidence;
  reply.cost = asked->cost;
  co_return reply;
}

}  // namespace orchestra
