// Runs numbered pieces of work on a few threads that live as long as the call: no pool, no second OpenMP.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <new>
#include <system_error>
#include <thread>
#include <vector>

namespace mulsmith {

// Calls work(index) for index 0 .. count-1 on up to `threads` threads, where work = make_worker() is made once per
// thread and may own memory. Throws std::bad_alloc when a piece did.
template <typename MakeWorker>
void parallel_for(int64_t count, int64_t threads, const MakeWorker& make_worker) {
    threads = std::min(threads, count);
    std::atomic<int64_t> next{0};
    std::atomic<bool> failed{false};
    auto run = [&] {
        try {
            auto work = make_worker();
            for (int64_t i = next++; i < count && !failed; i = next++) work(i);
        } catch (const std::bad_alloc&) {
            failed = true;
        }
    };
    std::vector<std::thread> others;
    for (int64_t i = 1; i < threads; ++i) {
        try {
            others.emplace_back(run);
        } catch (const std::system_error&) {
            break;  // The system has no more threads: those that run do all the work.
        }
    }
    run();
    for (std::thread& other : others) other.join();
    if (failed) throw std::bad_alloc();
}

}  // namespace mulsmith
