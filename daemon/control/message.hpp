// A request as its handler gets it, and the reply.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace trainstop::control {

/// Who is at the other end, as the kernel knows it.
struct Peer {
  uid_t uid = 0;
  gid_t gid = 0;
  pid_t pid = 0;
  std::string user;  ///< the name in /etc/passwd, else `uid 1001`
};

struct Request {
  std::string method;                                      ///< GET or POST
  std::string path;                                        ///< still percent-encoded
  std::vector<std::pair<std::string, std::string>> query;  ///< decoded, in order
  std::string body;
  Peer peer;
};

struct Reply {
  unsigned status = 200;
  /// Makes the JSON, once, when the reply is written: the loop has another turn before that.
  std::function<std::string()> body;
  std::string allow;  ///< the methods, of a 405
};

/// To be called exactly once, from the loop's thread, at any time.
using Respond = std::function<void(Reply)>;
using Handler = std::function<void(Request, Respond)>;

/// `{"error":{"code":…,"message":…}}`; both are words of our own that need no escape.
Reply error_reply(unsigned status, std::string_view code, std::string_view message);

}  // namespace trainstop::control
