using Laurel.Engine.Replicas;
using Laurel.GraphQL.Binding;
using Laurel.Kernel;
using Laurel.Membership.Programmes;
using Laurel.Platform.Access;
using Laurel.Platform.GraphQL;
using Laurel.Platform.Reads;
using Microsoft.AspNetCore.Http;

namespace Laurel.Membership.Members;

/// <summary>Finds members for GraphQL, and shows them.</summary>
internal sealed class MemberNodes(Doors doors, MemberCache members, MemberReader reader, ProgrammeKind programmes, ReadRouter router)
{
    private const int LoadedTogetherMax = 200;

    private static readonly Door s_find = new(HttpMethods.Get, "/api/members/{id}");

    /// <summary>One member as the caller may see it; null where there is none.</summary>
    /// <param name="id">Of the member, or <c>me</c>.</param>
    public async Task<Resolved<MemberNode?>> FindAsync(string id, GraphQLCaller caller, CancellationToken cancellationToken)
    {
        var admission = await doors.AdmitAsync(caller, new DoorCall(s_find).In("id", id), cancellationToken);
        if (admission.Refusal is { } refusal)
        {
            return refusal;
        }

        var call = admission.Call;
        var actor = call.Actor();
        if (!MemberId.TryParse((string)call.Request.RouteValues["id"]!, out var member))
        {
            return default;
        }

        if (!members.TryFind(call.Demand(), actor.Tenant, member, out var known))
        {
            var found = await call.ReadMemberAsync(members, router, actor.Tenant, member, from => from.ViewAsync(actor.Tenant, member));
            known = found is null ? null : new CachedMember(found);
        }

        return known is null ? default(Resolved<MemberNode?>) : Of(known.View, actor, caller);
    }

    /// <summary>The member after a change of it. Who may not see it is refused before anything is changed.</summary>
    public async Task<Resolved<MemberNode>> ChangeAsync(DoorCall change, string id, GraphQLCaller caller, CancellationToken cancellationToken)
    {
        var mayFind = await doors.AdmitAsync(caller, new DoorCall(s_find).In("id", id), cancellationToken);
        if (mayFind.Refusal is { } unseen)
        {
            return unseen;
        }

        var answer = await doors.CallAsync(caller, change, cancellationToken);
        if (answer.Refusal is { } refusal)
        {
            return refusal;
        }

        var found = await FindAsync(id, caller, cancellationToken);
        return found.Refusal is { } late ? late : found.Value!;
    }

    /// <summary>What an operation has answered.</summary>
    public MemberNode Of(MemberReply reply, TenantId tenant, GraphQLCaller caller) =>
        new(reply, programmes.Latest(tenant)!.Programme, caller.Language);

    /// <summary>What the shop calls a member; looked up for all that are asked for at one time together.</summary>
    public async Task<string> UsernameOfAsync(string id, GraphQLCaller caller)
    {
        var loader = caller.LoaderOf<MemberId, MemberView>(
            typeof(MemberNodes), queue => new(queue, (ids, _) => ReadAsync(caller.Tenant, ids), LoadedTogetherMax));
        return MemberId.TryParse(id, out var member) && await loader.LoadAsync(member) is { } view ? view.ExternalId : "";
    }

    private async ValueTask<IReadOnlyDictionary<MemberId, MemberView>> ReadAsync(TenantId tenant, IReadOnlyList<MemberId> ids)
    {
        var views = (await router.ReadAsync(default, from =>
        {
            var source = members.From(from, default);
            return Task.WhenAll(ids.Select(id => source.ViewAsync(tenant, id)));
        })).Value;
        return views.OfType<MemberView>().ToDictionary(view => view.Id);
    }

    private MemberNode Of(MemberView view, Actor actor, GraphQLCaller caller)
    {
        var programme = programmes.Latest(actor.Tenant)!.Programme;
        return new MemberNode(reader.ReplyOf(view, programme, forOwner: !actor.May(Permission.MembersRead)), programme, caller.Language);
    }
}
