using System.Net;
using System.Net.Sockets;
using System.Text;
using Laurel.Bench.Load;
using Laurel.Bench.Servers;
using Spectre.Console;

namespace Laurel.Bench;

/// <summary>Proves the instruments: histogram, answer parser, open loop, rates. A figure from a wrong ruler is worse
/// than none.</summary>
internal static class SelfCheck
{
    private const int StallSeconds = 1;

    /// <exception cref="BenchException">An instrument is wrong; the message names it.</exception>
    public static async Task RunAsync(CancellationToken cancellationToken)
    {
        CheckHistogram();
        Passed("The histogram's percentiles lie within 1 % of the exact ones.");
        CheckAnswers();
        Passed("Answers are delimited however their bytes are split.");
        CheckTemplates();
        Passed("Requests keep their length and never repeat a reference.");
        await CheckStallAsync(cancellationToken);
        Passed("A server that stalls is charged for the requests that it kept from being sent.");
        await CheckEchoAsync(cancellationToken);
    }

    private static void CheckHistogram()
    {
        var random = new Random(20261121);
        var histogram = new Histogram();
        var exact = new long[100_000];
        for (var index = 0; index < exact.Length; index++)
        {
            exact[index] = (long)Math.Pow(10, random.NextDouble() * 10);
            histogram.Record(exact[index]);
        }

        Array.Sort(exact);
        foreach (var percent in new[] { 1, 50, 90, 99, 99.9, 100 })
        {
            var wanted = exact[(int)Math.Ceiling(exact.Length * percent / 100) - 1] / 1e6;
            var got = histogram.PercentileMilliseconds(percent);
            Require(Math.Abs(got - wanted) <= wanted * 0.01, $"p{percent} is {got}, exactly {wanted}");
        }
    }

    private static void CheckAnswers()
    {
        var answers = new (string Text, int Status, bool Closes)[]
        {
            ("HTTP/1.1 200 OK\r\ncontent-length: 4\r\nServer: x\r\n\r\nbody", 200, false),
            ("HTTP/1.1 503 Service Unavailable\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", 503, true),
            (
                "HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n2;x=1\r\n01\r\n0\r\n\r\n",
                201,
                false),
            ("HTTP/1.1 204 No Content\r\n\r\n", 204, false),
        };
        foreach (var (text, status, closes) in answers)
        {
            var bytes = Encoding.ASCII.GetBytes(text);
            for (var length = 0; length < bytes.Length; length++)
            {
                Require(!HttpAnswer.TryRead(bytes.AsSpan(0, length), out _), $"{length} bytes are taken for: {text}");
            }

            Require(
                HttpAnswer.TryRead(bytes, out var found)
                    && found.Status == status && found.Length == bytes.Length && found.Closes == closes,
                $"misread: {text}");
        }
    }

    private static void CheckTemplates()
    {
        var template = RequestTemplate.Post(new LoadTarget("host", "key"), "/p", 10, 19, "r");
        var seen = new HashSet<string>();
        for (var index = 0; index < 1_200; index++)
        {
            template.Fill(Encoding.ASCII.GetBytes($"{index * 7919}"));
            var text = Encoding.ASCII.GetString(template.Bytes);
            var body = text[(text.IndexOf("\r\n\r\n", StringComparison.Ordinal) + 4)..];
            using var json = System.Text.Json.JsonDocument.Parse(body);
            Require(text.Contains($"Content-Length: {body.Length}\r\n"), "the length is not the body's");
            Require(json.RootElement.GetProperty("memberId").GetString() == $"{index * 7919}", "another member's body");
            Require(seen.Add(json.RootElement.GetProperty("referenceId").GetString()!), "a reference came twice");
        }
    }

    /// <summary>One connection, 200 requests a second, a server that sleeps a second once: about 200 requests wait up
    /// to a second, so the 90th percentile of two seconds is some 0.8 s; a generator that waits with the server would
    /// say 0.</summary>
    private static async Task CheckStallAsync(CancellationToken cancellationToken)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = ServeWithStallAsync(listener, cancellationToken);
        var result = await RunLoadAsync(
            ((IPEndPoint)listener.LocalEndpoint).Port,
            static load => load with { Connections = 1, RatePerSecond = 200, WarmupSeconds = 0, MeasureSeconds = 2 },
            cancellationToken);
        await serving;
        var lost = result.Dropped + result.Timeouts;
        Require(result.Ok + lost is >= 398 and <= 400, $"400 requests were due, {result.Ok} answered, {lost} lost");
        Require(result.Latency.P90 is > 400 and < 1_100, $"p90 is {result.Latency.P90} ms after a stall of a second");
        Require(result.Dropped > 0, "no request was given up while the only connection stalled");
    }

    private static async Task ServeWithStallAsync(TcpListener listener, CancellationToken cancellationToken)
    {
        using var socket = await listener.AcceptSocketAsync(cancellationToken);
        socket.NoDelay = true;
        var buffer = new byte[4096];
        var answer = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        for (var request = 0; await socket.ReceiveAsync(buffer, cancellationToken) > 0; request++)
        {
            if (request == 50)
            {
                await Task.Delay(TimeSpan.FromSeconds(StallSeconds), TimeProvider.System, cancellationToken);
            }

            await socket.SendAsync(answer, cancellationToken);
        }
    }

    private static async Task CheckEchoAsync(CancellationToken cancellationToken)
    {
        await using var echo = await EchoProcess.StartAsync(cancellationToken);
        var result = await RunLoadAsync(
            echo.Port, load => load with { WatchedProcess = echo.Id }, cancellationToken);
        Require(result.Ok == result.Answered && result.ConnectionErrors == 0, $"failed: {result.FirstFailure}");
        Passed($"The echo server answers {result.OkPerSecond:N0} a second over 64 connections; the generator takes "
            + $"{result.GeneratorMicrosecondsPerRequest:0.0} µs of CPU a request, the server "
            + $"{result.WatchedMicrosecondsPerRequest:0.0} µs.");
    }

    private static async Task<LoadResult> RunLoadAsync(
        int port, Func<LoadSettings, LoadSettings> change, CancellationToken cancellationToken)
    {
        var members = Path.GetTempFileName();
        try
        {
            await File.WriteAllLinesAsync(members, ["900000000000000001", "900000000000000002"], cancellationToken);
            var load = new LoadSettings
            {
                Workload = WorkloadKind.Echo,
                Address = "127.0.0.1",
                Port = port,
                ApiKey = LaurelSettings.ApiKey,
                MembersFile = members,
                Connections = 64,
                WarmupSeconds = 2,
                MeasureSeconds = 3,
                ReferencePrefix = "check",
                Seed = 1,
            };
            return await LoadProcess.RunAsync(change(load), cancellationToken);
        }
        finally
        {
            File.Delete(members);
        }
    }

    private static void Require(bool condition, string otherwise)
    {
        if (!condition)
        {
            throw new BenchException($"Self-check: {otherwise}");
        }
    }

    private static void Passed(string what) => AnsiConsole.MarkupLineInterpolated($"[green]passed[/] {what}");
}
