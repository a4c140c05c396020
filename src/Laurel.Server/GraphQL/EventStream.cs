using Laurel.GraphQL.Execution;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Http;
using Laurel.Platform.GraphQL;

namespace Laurel.Server.GraphQL;

/// <summary>Answers of one operation as server-sent events: the distinct connections mode of GraphQL over SSE.</summary>
internal sealed class EventStream : IDisposable
{
    private readonly HttpContext _context;
    private readonly GraphQLCaller _caller;
    private readonly GraphQLSettings _settings;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _ended;
    private StreamEnd? _why;

    public EventStream(HttpContext context, GraphQLCaller caller, GraphQLSettings settings, TimeProvider clock)
    {
        (_context, _caller, _settings, _clock) = (context, caller, settings, clock);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        Handle = new OpenStream(End);
    }

    public OpenStream Handle { get; }

    public CancellationToken Ended => _ended.Token;

    /// <summary>Answers once.</summary>
    public async Task WriteAsync(ExecutionResult only)
    {
        await BeginAsync();
        await NextAsync(only);
        await CompleteAsync();
    }

    /// <summary>Answers each event until there are no more, the reader has gone, or the stream has to end.</summary>
    public async Task WriteAsync(IAsyncEnumerable<ExecutionResult> events)
    {
        await BeginAsync();
        await using var reading = events.GetAsyncEnumerator(Ended);
        try
        {
            while (await MoveNextAsync(reading))
            {
                await NextAsync(reading.Current);
            }

            Ended.ThrowIfCancellationRequested();
            await CompleteAsync();
        }
        catch (OperationCanceledException) when (Ended.IsCancellationRequested)
        {
            await GiveUpAsync();
        }
    }

    public void Dispose() => _ended.Dispose();

    private async ValueTask<bool> MoveNextAsync(IAsyncEnumerator<ExecutionResult> reading)
    {
        var next = reading.MoveNextAsync();
        if (next.IsCompletedSuccessfully)
        {
            return next.Result;
        }

        // Proxies close connections on which nothing moves, and a reader that has gone is noticed only by writing to it.
        var moved = next.AsTask();
        while (await Task.WhenAny(moved, Task.Delay(_settings.Heartbeat, _clock, Ended)) != moved && !Ended.IsCancellationRequested)
        {
            Write(":\n\n"u8);
            await FlushAsync();
        }

        return await moved;
    }

    private Task BeginAsync()
    {
        var response = _context.Response;
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = AnswerForms.Events;
        response.Headers.CacheControl = "no-store";
        // A proxy that gathered answers before it sends them on would hold events back.
        response.Headers["X-Accel-Buffering"] = "no";
        Write(":\n\n"u8);
        return FlushAsync();
    }

    private ValueTask NextAsync(ExecutionResult result) => JsonScratch.SendPieceAsync(
        (Stream: this, Result: result),
        static (writer, piece) => piece.Result.WriteTo(writer),
        static (piece, json) => new ValueTask(piece.Stream.NextAsync(json)));

    private Task NextAsync(ReadOnlyMemory<byte> json)
    {
        Write("event: next\ndata: "u8);
        Write(json.Span);
        Write("\n\n"u8);
        return FlushAsync();
    }

    private Task CompleteAsync()
    {
        Write("event: complete\ndata:\n\n"u8);
        return FlushAsync();
    }

    private async Task GiveUpAsync()
    {
        if (_why is not StreamEnd.Unauthorized)
        {
            // A connection that breaks off is one to come back from, here or elsewhere; one that ends in order is over.
            _context.Abort();
            return;
        }

        await NextAsync(ExecutionResult.Refused([Refusals.ErrorOf(new RequestFailure(new Refusal(ErrorCode.Unauthorized)), _caller.Language)]));
        await CompleteAsync();
    }

    private void Write(ReadOnlySpan<byte> bytes) => System.Buffers.BuffersExtensions.Write(_context.Response.BodyWriter, bytes);

    /// <summary>Sends what was written. A reader that takes too long is let go.</summary>
    private async Task FlushAsync()
    {
        try
        {
            await _context.Response.BodyWriter.FlushAsync(_context.RequestAborted).AsTask().WaitAsync(_settings.SendWait, _clock, _context.RequestAborted);
        }
        catch (TimeoutException exception)
        {
            _context.Abort();
            throw new OperationCanceledException("The reader takes too long.", exception, _context.RequestAborted);
        }
    }

    private void End(StreamEnd why)
    {
        _why ??= why;
        try
        {
            // Whoever waits for an event goes on by itself, and not on the thread of a change.
            _ = _ended.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It ended by itself meanwhile.
        }
    }
}
