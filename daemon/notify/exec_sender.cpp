#include <boost/asio/post.hpp>
#include <map>
#include <utility>

#include "notify/program.hpp"
#include "notify/sender.hpp"

namespace trainstop::notify {

namespace asio = boost::asio;

namespace {

class ExecSender final : public Sender, public std::enable_shared_from_this<ExecSender> {
 public:
  ExecSender(asio::any_io_executor executor, std::vector<std::string> command, Duration time_limit)
      : executor_(std::move(executor)), command_(std::move(command)), time_limit_(time_limit) {}

  void send(Message message, std::function<void(Sent)> done) override {
    if (!hanging_.expired()) {
      ProgramEnd still;
      still.words = "it can't be started: the start before still hangs";
      return asio::post(executor_, [done = std::move(done), still] { done(sent(still)); });
    }
    const std::uint64_t run = ++runs_;
    running_[run] = run_program(
        executor_, command_, message.body, time_limit_,
        [self = shared_from_this(), run, done = std::move(done)](const ProgramEnd& end) {
          self->ended(run, end);
          done(sent(end));
        });
  }

  void close() override {
    for (const auto& [run, program] : running_) program->kill();
    running_.clear();
  }

 private:
  void ended(std::uint64_t run, const ProgramEnd& end) {
    if (!end.ran && end.overdue) hanging_ = running_[run];
    running_.erase(run);
  }

  static Sent sent(const ProgramEnd& end) {
    Sent sent;
    if (end.ran && !end.overdue && end.code == 0) return sent;
    sent.outcome = Sent::Outcome::failed;
    sent.problem = end.words;
    return sent;
  }

  asio::any_io_executor executor_;
  std::vector<std::string> command_;
  Duration time_limit_;
  std::uint64_t runs_ = 0;
  std::map<std::uint64_t, std::shared_ptr<Program>> running_;
  std::weak_ptr<Program> hanging_;  ///< one whose start does not return: no more are begun
};

}  // namespace

std::shared_ptr<Sender> make_exec_sender(asio::any_io_executor executor,
                                         std::vector<std::string> command, Duration time_limit) {
  return std::make_shared<ExecSender>(std::move(executor), std::move(command), time_limit);
}

}  // namespace trainstop::notify
