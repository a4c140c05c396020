using System.Text.Json;
using System.Text.Json.Serialization;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Platform.Errors;
using Laurel.Platform.Writes;

namespace Laurel.Membership.Bulk;

/// <summary>What <c>POST /api/members/bulk/status</c> asks for.</summary>
public sealed record BulkStatusBody
{
    /// <summary>1 to <see cref="BulkModule.MembersMax"/> ids, none of them twice.</summary>
    public required IReadOnlyList<string> MemberIds { get; init; }

    /// <summary><c>active</c>, <c>inactive</c>, <c>frozen</c> or <c>banned</c>.</summary>
    public required string Status { get; init; }

    /// <summary>Why, for the auditor. Kept for good: no personal data.</summary>
    public required string Reason { get; init; }
}

/// <summary>What <c>POST /api/members/bulk/attributes</c> asks for.</summary>
public sealed record BulkAttributesBody
{
    /// <summary>1 to <see cref="BulkModule.MembersMax"/> ids, none of them twice.</summary>
    public required IReadOnlyList<string> MemberIds { get; init; }

    /// <summary>Values of attributes that the programme defines.</summary>
    public IReadOnlyDictionary<string, JsonElement>? Attributes { get; init; }

    /// <summary><c>attributes.CODE</c> of those to be emptied.</summary>
    public IReadOnlyList<string>? Clear { get; init; }
}

/// <summary>What <c>POST /api/members/bulk/delete</c> and its confirmation ask for.</summary>
public sealed record BulkDeleteBody
{
    /// <summary>1 to <see cref="BulkModule.LeaversMax"/> ids, none of them twice.</summary>
    public required IReadOnlyList<string> MemberIds { get; init; }

    /// <summary>Why, for the auditor. Kept for good: no personal data.</summary>
    public required string Reason { get; init; }
}

/// <summary>What became of each member.</summary>
public sealed record BulkReply
{
    public required int Done { get; init; }

    public required int Failed { get; init; }

    /// <summary>In the order of the ids.</summary>
    public required IReadOnlyList<BulkResult> Results { get; init; }

    internal static BulkReply Of(IReadOnlyList<BulkResult> results)
    {
        var done = results.Count(result => result.Done);
        return new BulkReply { Done = done, Failed = results.Count - done, Results = results };
    }
}

/// <summary>What became of one member.</summary>
public sealed record BulkResult
{
    public required string MemberId { get; init; }

    public required bool Done { get; init; }

    /// <summary>Of the table of errors; not told of what was done.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Code { get; init; }

    /// <summary>In the caller's language; not told of what was done.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Detail { get; init; }

    /// <summary>Whether the same may succeed a moment later.</summary>
    public bool Retryable { get; init; }

    /// <summary>Whether it was answered so before, under the same key.</summary>
    public bool Replayed { get; init; }

    internal static BulkResult Of(string member, Outcome outcome, Language language) => outcome switch
    {
        Outcome.Applied => new BulkResult { MemberId = member, Done = true },
        Outcome.Replayed { Reply.Applied: true } => new BulkResult { MemberId = member, Done = true, Replayed = true },
        Outcome.Replayed replayed => Of(member, RefusalForm.Read(replayed.Reply.Body), retryable: false, replayed: true, language),
        Outcome.Refused refused => Of(member, refused.Refusal, retryable: false, replayed: false, language),
        Outcome.Failed failed => Of(member, failed.Refusal, failed.Retryable, replayed: false, language),
        _ => throw new InvariantBrokenException("A change of a member has no natural key."),
    };

    internal static BulkResult Of(string member, Refusal refusal, bool retryable, bool replayed, Language language) => new()
    {
        MemberId = member,
        Done = false,
        Code = refusal.Code,
        Detail = ErrorCatalog.Get(refusal.Code).Detail(language, refusal.Values),
        Retryable = retryable,
        Replayed = replayed,
    };
}
