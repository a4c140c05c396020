using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Laurel.Engine.Events;
using Laurel.Engine.Lanes;
using Laurel.Engine.Partitions;
using Laurel.Engine.Sql;
using Laurel.Kernel;

namespace Laurel.Engine.Audit;

/// <summary>Writes the records of a batch into one buffer, and chains its row to the one before. Each lane has its own; not thread-safe.</summary>
/// <remarks>The chain goes on only when a batch is known to be committed. After a connection was lost a new one begins: what the database
/// has is all that the old one will ever have, whatever was lost with the connection. The first row of a chain says where the one before it ended, so that none is
/// gone unseen with its end.</remarks>
internal sealed class AuditWriter(AuditSink sink)
{
    /// <summary>A buffer that a rare large batch made larger than this is given up after it.</summary>
    private const int KeptBytesMax = 4 << 20;

    private const int IdLengthMax = 20;

    private const string LostName = "AuditLost";

    private static readonly JsonWriterOptions s_options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    private readonly Utf8JsonWriter _json = new(Stream.Null, s_options);
    private readonly AuditState _before = new();
    private readonly AuditState _after = new();
    private readonly List<long> _members = [];
    private readonly List<AuditAct> _acts = [];
    private ArrayBufferWriter<byte> _lines = new();
    private AuditRow? _last;
    private AuditRow? _pending;
    private AuditRow? _ended;
    private AuditRow? _endedPerhaps;
    private AuditRow? _endFound;
    private int _records;

    /// <summary>Forgets what a batch that was given up had recorded.</summary>
    public void Begin()
    {
        if (_lines.Capacity > KeptBytesMax)
        {
            _lines = new ArrayBufferWriter<byte>();
        }

        _lines.ResetWrittenCount();
        _json.Reset(_lines);
        _acts.Clear();
        (_pending, _endFound, _records) = (null, null, 0);
    }

    /// <summary>Asks whether the end of the chain before is stored, where a new one is to begin; nothing while one goes on.</summary>
    public void AskForEnd(SqlScript script)
    {
        if (_last is not null)
        {
            return;
        }

        AuditRow[] ends = [.. new[] { _ended, _endedPerhaps }.OfType<AuditRow>()];
        script.Add(AuditStatements.FindHashes, [.. ends.Select(end => end.BatchId)], row =>
        {
            var (id, hash) = (row.Int64(0), row.Bytes(1));
            if (Array.Find(ends, end => end.BatchId == id && end.Hash.AsSpan().SequenceEqual(hash)) is { } stored && !(_endFound?.BatchId > id))
            {
                _endFound = stored;
            }
        });
    }

    /// <summary>Records a command that applies, before its draft is accepted.</summary>
    public void Record(Command command, Decision.Apply applied, Draft draft, WorkingSet set, long batchId)
    {
        if (!command.IsAudited || applied.IsRoutine)
        {
            return;
        }

        var origin = command.CalledFrom ?? sink.Own;
        var address = origin is { IsPrivate: true, Address: { } hidden } ? sink.Key.HideAddress(command.Tenant, hidden) : origin.Address;
        var isAct = !command.IsTraffic || origin.IsPerson;
        _members.Clear();
        _json.WriteStartObject();
        _json.WriteNumber("tenant"u8, command.Tenant.Value);
        _json.WriteString("operation"u8, command.Operation);
        _json.WriteString("operator"u8, origin.Operator);
        if (origin.Name is { } name)
        {
            _json.WriteString("name"u8, name);
        }

        WriteOrigin(origin, address, isAct);
        WriteWhat(command, applied);
        WriteChanges(draft, set);
        WriteMembers(command.AuditedMember);
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _lines.Write("\n"u8);
        if (isAct)
        {
            foreach (var member in _members.DefaultIfEmpty(0))
            {
                _acts.Add(new AuditAct(command.Tenant.Value, batchId, _records, member, origin.Operator, command.Operation, address, origin.Request));
            }
        }

        _records++;
    }

    /// <summary>Adds what stores the records of the batch; nothing when it has none.</summary>
    public void AddTo(SqlScript script, long batchId, Instant recordedAt)
    {
        if (_records == 0)
        {
            return;
        }

        var goesOn = _last is { } last && last.BatchId < batchId && Month.Of(last.RecordedAt) == Month.Of(recordedAt);
        if (!goesOn)
        {
            WriteEnd(_last ?? _endFound);
        }

        var row = new AuditRow
        {
            BatchId = batchId,
            Chain = goesOn ? _last!.Chain : batchId,
            Sequence = goesOn ? _last!.Sequence + 1 : 1,
            PreviousBatchId = goesOn ? _last!.BatchId : 0,
            RecordedAt = recordedAt,
            Body = EventBody.Compress(_lines.WrittenSpan),
            PreviousHash = goesOn ? _last!.Hash : sink.Key.BeginOf(batchId),
        };
        _pending = row with { Hash = sink.Key.HashOf(row) };
        var seal = sink.Key.HeadOf(_pending.Chain, _pending.Sequence, _pending.Hash);
        script.Add(AuditStatements.Insert, [_pending]);
        script.Add(AuditStatements.WriteHead, [new AuditHead(_pending.Chain, _pending.Sequence, batchId, _pending.Hash, seal)]);
        script.Add(AuditStatements.InsertAct, [.. _acts]);
    }

    /// <summary>Goes on from the row that was added last. To be called when it is known to be committed.</summary>
    public void Committed()
    {
        if (_pending is not null)
        {
            (_last, _pending, _ended, _endedPerhaps) = (_pending, null, null, null);
        }
    }

    /// <summary>Ends the chain: the next row begins one, and says where this one ended.</summary>
    public void Break()
    {
        (_ended, _endedPerhaps) = (_last ?? _ended, _pending ?? _endedPerhaps);
        (_last, _pending) = (null, null);
    }

    /// <summary>Says where the chain before ended, as the hourly seal does; or that its end is lost, which only a failover that lost commits does, or
    /// somebody who removed it before the lane came back.</summary>
    /// <param name="stored">The end that the database has; null where it has none.</param>
    private void WriteEnd(AuditRow? stored)
    {
        if ((stored ?? _ended) is not { } end)
        {
            return;
        }

        _json.WriteStartObject();
        _json.WriteNumber("tenant"u8, 0);
        _json.WriteString("operation"u8, stored is null ? LostName : nameof(SealAudit));
        _json.WriteString("operator"u8, sink.Own.Operator);
        _json.WriteString(SealAudit.HeadsName, SealAudit.NameOf(end.BatchId, end.Hash));
        _json.WriteEndObject();
        _json.Flush();
        _json.Reset();
        _lines.Write("\n"u8);
    }

    private void WriteOrigin(Origin origin, string? address, bool isAct)
    {
        if (isAct)
        {
            _json.WriteBoolean("act"u8, value: true);
        }

        if (address is not null)
        {
            _json.WriteString("address"u8, address);
        }

        // A member's program is the member's own business, and that of a shop's system is the same with every call.
        if (origin.Agent is { } agent && !origin.IsPrivate && isAct)
        {
            _json.WriteString("agent"u8, agent);
        }

        if (origin.Request is { } request)
        {
            _json.WriteString("request"u8, request);
        }
    }

    private void WriteWhat(Command command, Decision.Apply applied)
    {
        if (command.BusinessTime is { } time)
        {
            _json.WriteString("time"u8, time.ToDateTimeOffset().UtcDateTime);
        }

        if (applied.FirstId != 0)
        {
            WriteId("first"u8, applied.FirstId);
            WriteId("last"u8, applied.LastId);
        }

        if (applied.Answer is { } answer)
        {
            _json.WriteString("answer"u8, answer.Code);
        }

        foreach (var (name, value) in command.AuditDetails)
        {
            _json.WriteString(name, value);
        }
    }

    private void WriteChanges(Draft draft, WorkingSet set)
    {
        var begun = false;
        foreach (var (root, after) in draft.Edited)
        {
            if (root.Kind.AuditName is not { } kind)
            {
                continue;
            }

            var before = set.Find<Aggregate>(root);
            if ((after ?? before) is { } known)
            {
                AddMember(root.Kind.MemberOf(known));
            }

            if (!begun)
            {
                _json.WriteStartArray("changed"u8);
                begun = true;
            }

            WriteChange(root, kind, before, after);
        }

        if (begun)
        {
            _json.WriteEndArray();
        }
    }

    private void WriteChange(RootRef root, string kind, Aggregate? before, Aggregate? after)
    {
        _before.Clear();
        _after.Clear();
        if (after is not null)
        {
            root.Kind.Describe(after, _after);
        }

        if (before is not null)
        {
            root.Kind.Describe(before, _before);
        }

        _json.WriteStartObject();
        _json.WriteString("kind"u8, kind);
        WriteId("id"u8, root.Id);
        if (before is null)
        {
            _json.WriteBoolean("new"u8, value: true);
        }

        if (after is null)
        {
            _json.WriteBoolean("removed"u8, value: true);
        }

        _before.WriteOther(_json, "before", _after);
        _after.WriteOther(_json, "after", _before);
        _json.WriteEndObject();
    }

    private void WriteMembers(long named)
    {
        AddMember(named);
        if (_members.Count == 0)
        {
            return;
        }

        _json.WriteStartArray("members"u8);
        Span<byte> digits = stackalloc byte[IdLengthMax];
        foreach (var member in _members)
        {
            _json.WriteStringValue(Digits(digits, member));
        }

        _json.WriteEndArray();
    }

    private void AddMember(long member)
    {
        if (member != 0 && !_members.Contains(member))
        {
            _members.Add(member);
        }
    }

    // Readers whose numbers are floating point would round ids.
    private void WriteId(ReadOnlySpan<byte> name, long id) => _json.WriteString(name, Digits(stackalloc byte[IdLengthMax], id));

    private static ReadOnlySpan<byte> Digits(Span<byte> text, long number)
    {
        number.TryFormat(text, out var length, default, CultureInfo.InvariantCulture);
        return text[..length];
    }
}
