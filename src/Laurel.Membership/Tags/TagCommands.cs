using System.Text.Json;
using Laurel.Engine.Lanes;
using Laurel.Kernel;
using Laurel.Membership.Members;
using Laurel.Membership.Points;
using Laurel.Membership.Search;
using Laurel.Platform.Errors;

namespace Laurel.Membership.Tags;

/// <summary>What <c>PUT /api/tags/{code}</c> asks for.</summary>
public sealed record TagBody
{
    /// <summary><c>tag</c> or <c>group</c>; <c>tag</c> when absent.</summary>
    public string? Kind { get; init; }

    public required string NameEnglish { get; init; }

    public required string NameChinese { get; init; }

    public string? Description { get; init; }

    /// <summary>As CSS writes it.</summary>
    public string? Color { get; init; }

    /// <summary>Whether systems alone give and take it, and nobody who has signed in; false when absent.</summary>
    public bool IsSystem { get; init; }
}

/// <summary>Makes a tag or a group, or changes one; or removes one that no member has. A code that was removed may be used again.</summary>
/// <remarks>Keeps I32. Refusals: TAG_NOT_FOUND and TAG_IN_USE, both of removals alone.</remarks>
/// <param name="body">Null removes it.</param>
public sealed class WriteTag(TenantId tenant, string code, TagBody? body) : Command(tenant)
{
    private readonly RootRef _root = Tag.RootOf(tenant, code);

    public override long FairnessKey => _root.Id;

    public override void NameHandles(HandleResolution handles)
    {
        // The code alone leads to it.
    }

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots) => roots.Add(_root);

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Written twice it is the same.
    }

    public override void Plan(WorkingSet set, LoadPlan plan)
    {
        if (set.Find<Tag>(_root) is { } tag)
        {
            IsLoaded(tag, plan);
        }
    }

    public override Decision Decide(Draft draft, LoadPlan plan)
    {
        var found = draft.Find<Tag>(_root);
        if (body is null)
        {
            return found is null or { Removed: true } ? Refuse(ErrorCode.TagNotFound) : IsLoaded(found, plan) ? Remove(draft, found) : Decision.NeedMore.Instance;
        }

        var tag = draft.Edit<Tag>(_root);
        if (tag is null)
        {
            tag = new Tag
            {
                Tenant = Tenant,
                Id = _root.Id,
                Code = code,
                MemberKind = Tag.PlainKind,
                NameEnglish = "",
                NameChinese = "",
                ChangedAt = draft.Now,
            };
            draft.Create(_root, tag);
        }

        (tag.MemberKind, tag.NameEnglish, tag.NameChinese, tag.Description) = (body.Kind ?? Tag.PlainKind, body.NameEnglish, body.NameChinese, body.Description);
        (tag.Color, tag.IsSystem, tag.Removed, tag.ChangedAt) = (body.Color, body.IsSystem, false, draft.Now);
        return new Decision.Apply(TagReply.Of(tag), 0, 0, 0);
    }

    public override (byte[] Body, long RootId) Freeze(object reply) => (JsonSerializer.SerializeToUtf8Bytes((TagReply)reply, MembershipJson.Default.TagReply), 0);

    private Decision Remove(Draft draft, Tag found)
    {
        if (found.IsUsed is true)
        {
            return Refuse(ErrorCode.TagInUse);
        }

        var tag = draft.Edit<Tag>(_root)!;
        (tag.Removed, tag.ChangedAt) = (true, draft.Now);
        return new Decision.Apply(TagReply.Of(tag), 0, 0, 0);
    }

    private bool IsLoaded(Tag tag, LoadPlan plan)
    {
        if (body is null && tag.IsUsed is null)
        {
            plan.Need(TagUseLoader.Instance, new TagUseLoader.Need(Tenant.Value, code));
            return false;
        }

        return true;
    }

    private Decision.Refuse Refuse(string error) => new(new Refusal(error, ("tag", code)) { Definitive = false });
}

/// <summary>Gives a member a tag or puts it into a group, or takes it out. Done twice it does nothing the second time.</summary>
/// <remarks>Keeps I32. Refusals, first match wins: MEMBER_NOT_FOUND, MEMBER_INACTIVE (of one who has left), TAG_NOT_FOUND, TAG_SYSTEM, TAG_LIMIT.</remarks>
/// <param name="given">Whether the member is to have it.</param>
/// <param name="bySystem">Whether a system asks, and nobody who has signed in.</param>
public sealed class TagMember(TenantId tenant, MemberReference member, string code, bool given, bool bySystem, MemberBooks books)
    : MemberCommand(tenant, member, books)
{
    protected override bool NeedsActiveMember => false;

    public override void NameRoots(HandleResolution handles, ICollection<RootRef> roots)
    {
        base.NameRoots(handles, roots);
        roots.Add(Tag.RootOf(Tenant, code));
    }

    public override void NameClaims(HandleResolution handles, ICollection<Claim> claims)
    {
        // Given twice it is given once.
    }

    protected override Cause CauseOf() => new("Tagged", "member", "tags");

    private protected override Decision Act(Posting posting, LoadPlan plan)
    {
        var tag = posting.Draft.Find<Tag>(Tag.RootOf(Tenant, code));
        if (tag is null or { Removed: true })
        {
            return new Decision.Refuse(new Refusal(ErrorCode.TagNotFound, ("tag", code)) { Definitive = false });
        }

        if (tag.IsSystem && !bySystem)
        {
            return new Decision.Refuse(new Refusal(ErrorCode.TagSystem, ("tag", code)) { Definitive = false });
        }

        var book = posting.Book;
        if (given && !book.Tags.Has(code) && book.Tags.All.Count >= MemberTags.Max)
        {
            return new Decision.Refuse(new Refusal(ErrorCode.TagLimit, ("max", MemberTags.Max)) { Definitive = false });
        }

        if (given)
        {
            // What the batch gives is not stored yet: a removal in it must not find the tag unused.
            tag.IsUsed = true;
        }

        posting.SetTag(code, given);
        return new Decision.Apply(new MemberTagsReply(book.IdText, book.Tags.All), book.Identity.Id.Value, 0, 0);
    }
}
