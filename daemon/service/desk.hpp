// What the requests of the control socket mean: questions go to the core at once, commands become
// facts and wait for their answer. The interface is described in control/README.md.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>

#include "control/message.hpp"
#include "core/core.hpp"
#include "service/bodies.hpp"

namespace trainstop::service {

class Desk {
 public:
  using Answered = std::function<void(core::Answer)>;
  struct Parts {
    std::function<const core::Core*()> core;  ///< null: it does not know yet what the journal knows
    std::function<void(core::Fact)> post;
    /// Adds to `status` what only the shell knows.
    std::function<void(Value::Object&)> complete = [](Value::Object&) {};
    // Each is answered exactly once, the token does not matter. Absent: 501.
    std::function<void(ReloadRequest, const std::string& user, Answered)> reload = nullptr;
    std::function<void(CheckRequest, Answered)> check = nullptr;
    std::function<void(NotifyRequest, Answered)> notify = nullptr;
  };
  explicit Desk(Parts parts) : parts_(std::move(parts)) {}

  void serve(control::Request request, control::Respond respond);

  /// The token of a fact whose Answer goes to `answered`.
  std::uint64_t expect(Answered answered);
  void answer(core::Answer answer);

 private:
  control::Reply view(const control::Request& request, const core::Core& core) const;
  control::Reply status(const control::Request& request, const core::Core& core) const;
  control::Reply explain(const control::Request& request, const core::Core& core) const;
  void command(const control::Request& request, const core::Core& core, control::Respond respond);
  void reload(const control::Request& request, control::Respond respond);
  void check(const control::Request& request, control::Respond respond);
  void notify(const control::Request& request, control::Respond respond);
  void act(const control::Request& request, control::Respond respond);

  Parts parts_;
  std::uint64_t tokens_ = 0;
  std::map<std::uint64_t, Answered> waiting_;  ///< as bounded as the connections
};

}  // namespace trainstop::service
