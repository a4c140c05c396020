using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Laurel.Engine.Telemetry;

namespace Laurel.Server.Metrics;

/// <summary>Adds up what the meters of Laurel and of the runtime measure, for as long as it lives.</summary>
/// <remarks>No Prometheus exporter can be restored (docs/adr/0020), so this is a small one. A measurement costs one look-up
/// and one interlocked addition and allocates nothing, but for the first of each set of labels.</remarks>
internal sealed class MetricsCollector : IDisposable
{
    private readonly ConcurrentDictionary<string, Metric> _metrics = new();
    private readonly MeterListener _listener = new();
    private readonly Lock _reading = new();

    public MetricsCollector()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ExposedName.Of(instrument) is { } name)
            {
                listener.EnableMeasurementEvents(instrument, _metrics.GetOrAdd(name, Metric.Of, instrument));
            }
        };
        _listener.SetMeasurementEventCallback<int>(static (_, value, tags, state) => ((Metric)state!).Add(value, tags));
        _listener.SetMeasurementEventCallback<long>(static (_, value, tags, state) => ((Metric)state!).Add(value, tags));
        _listener.SetMeasurementEventCallback<double>(static (_, value, tags, state) => ((Metric)state!).Add(value, tags));
        _listener.Start();
    }

    /// <summary>Everything as it stands now, in order of name.</summary>
    public IReadOnlyList<Metric> Read()
    {
        lock (_reading)
        {
            foreach (var metric in _metrics.Values)
            {
                metric.BeginObservation();
            }

            _listener.RecordObservableInstruments();
            return [.. _metrics.Values.OrderBy(metric => metric.Name, StringComparer.Ordinal)];
        }
    }

    public void Dispose() => _listener.Dispose();
}

/// <summary>Under which name an instrument is exposed.</summary>
internal static class ExposedName
{
    // Prometheus wants units spelt out and "_total" on counters, and keeps "_count" for histograms.
    private static readonly Dictionary<string, string> s_runtime = new()
    {
        ["dotnet.assembly.count"] = "dotnet_assemblies",
        ["dotnet.exceptions"] = "dotnet_exceptions_total",
        ["dotnet.gc.collections"] = "dotnet_gc_collections_total",
        ["dotnet.gc.heap.total_allocated"] = "dotnet_gc_heap_allocated_bytes_total",
        ["dotnet.gc.last_collection.heap.fragmentation.size"] = "dotnet_gc_last_collection_heap_fragmentation_bytes",
        ["dotnet.gc.last_collection.heap.size"] = "dotnet_gc_last_collection_heap_bytes",
        ["dotnet.gc.last_collection.memory.committed_size"] = "dotnet_gc_last_collection_memory_committed_bytes",
        ["dotnet.gc.pause.time"] = "dotnet_gc_pause_seconds_total",
        ["dotnet.jit.compilation.time"] = "dotnet_jit_compilation_seconds_total",
        ["dotnet.jit.compiled_il.size"] = "dotnet_jit_compiled_il_bytes_total",
        ["dotnet.jit.compiled_methods"] = "dotnet_jit_compiled_methods_total",
        ["dotnet.monitor.lock_contentions"] = "dotnet_monitor_lock_contentions_total",
        ["dotnet.process.cpu.count"] = "dotnet_process_cpus",
        ["dotnet.process.cpu.time"] = "dotnet_process_cpu_seconds_total",
        ["dotnet.process.memory.working_set"] = "dotnet_process_memory_working_set_bytes",
        ["dotnet.thread_pool.queue.length"] = "dotnet_thread_pool_queue_length",
        ["dotnet.thread_pool.thread.count"] = "dotnet_thread_pool_threads",
        ["dotnet.thread_pool.work_item.count"] = "dotnet_thread_pool_work_items_total",
        ["dotnet.timer.count"] = "dotnet_timers",
    };

    /// <summary>Laurel's own instruments are named for Prometheus already; null is not exposed.</summary>
    public static string? Of(Instrument instrument) => instrument.Meter.Name switch
    {
        LaurelTelemetry.Name => instrument.Name,
        "System.Runtime" => s_runtime.GetValueOrDefault(instrument.Name),
        _ => null,
    };
}
